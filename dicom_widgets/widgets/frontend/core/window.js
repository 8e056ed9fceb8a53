// Windows: their levels, and how they are written.
import { digits } from "./numbers.js";

/**
 * Returns the values that become black and white.
 * @param {VoiWindow} window
 */
export function levelsOf({ center, width, function: kind }) {
  const [c, w] = kind === "LINEAR" ? [center - 0.5, width - 1] : [center, width];
  return { low: c - w / 2, high: c + w / 2 };
}

/** @type {(low: number, high: number) => VoiWindow} */
export const windowOver = (low, high) => ({
  center: (low + high) / 2,
  width: Math.max(0.01, high - low),
  function: "LINEAR_EXACT",
});

/**
 * Names do not count: a preset may be the file's own.
 * @type {(a: VoiWindow | VoiLut, b: VoiWindow | VoiLut) => boolean}
 */
export const isSame = (a, b) =>
  a.lut === b.lut && a.center === b.center && a.width === b.width && a.function === b.function;

/** @type {(value: number) => number} */
const short = (value) => +(Math.abs(value) < 1000 ? value.toPrecision(4) : value.toFixed());

/**
 * Writes a window, with its unit where it is one of the object's own modality values; that of a PET by its ends (NP6).
 * @param {VoiWindow} window
 * @param {Picture} [picture] undefined until it has come
 */
export function windowText(window, picture) {
  const { center, width, function: kind } = window;
  const { meaning, modality } = picture ?? {};
  const own = meaning?.modality;
  const measured = own?.slope !== undefined && own.slope === modality?.slope && own.intercept === modality.intercept;
  if (meaning && measured && meaning.suv !== null) {
    const factor = meaning.suv;
    const [low, high] = Object.values(levelsOf(window)).map((x) => digits(x * factor, 3));
    return `SUVbw ${low} to ${high} g/ml`;
  }
  const unit = measured && meaning?.unit ? ` ${meaning.unit}` : "";
  return `W ${short(width)} L ${short(center)}${unit}${kind === "LINEAR" ? "" : ` (${kind})`}`;
}
