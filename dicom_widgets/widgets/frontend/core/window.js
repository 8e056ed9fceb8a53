import { digits } from "./numbers.js";

export function levelsOf({center, width, function: kind}) { // the values that become black and white
  const [c, w] = kind === "LINEAR" ? [center - 0.5, width - 1] : [center, width];
  return {low: c - w / 2, high: c + w / 2};
}

export const windowOver = (low, high) => ({center: (low + high) / 2, width: Math.max(0.01, high - low), function: "LINEAR_EXACT"});

export const isSame = (a, b) => a.lut === b.lut && a.center === b.center && a.width === b.width && a.function === b.function; // a preset that the file has too stands there once

const short = value => +(Math.abs(value) < 1000 ? value.toPrecision(4) : value.toFixed());

export function windowText(window, picture) { // with its unit, where it is a window of the object's own modality values; a PET's by its ends (NP6)
  const {center, width, function: kind} = window, {meaning, modality} = picture ?? {}, line = meaning?.modality; // none is there yet
  const measured = line?.slope !== undefined && line.slope === modality?.slope && line.intercept === modality.intercept;
  if (measured && meaning.suv !== null) {
    const [low, high] = Object.values(levelsOf(window)).map(x => digits(x * meaning.suv, 3));
    return `SUVbw ${low} to ${high} g/ml`;
  }
  const unit = measured && meaning.unit ? ` ${meaning.unit}` : "";
  return `W ${short(width)} L ${short(center)}${unit}${kind === "LINEAR" ? "" : ` (${kind})`}`;
}
