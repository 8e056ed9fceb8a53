import { BLACK, LITTLE } from "./pixels.js";

const grey = y => (LITTLE ? 0xff000000 | y << 16 | y << 8 | y : y << 24 | y << 16 | y << 8 | 0xff) >>> 0;

function modalityOf({modality, tables}) {
  if (!tables.modality) return s => s * modality.slope + modality.intercept;
  const entries = tables.modality, last = entries.length - 1;
  return s => entries[Math.max(0, Math.min(last, Math.floor(s + 0.5) - modality.first))];
}

function windowed({center, width, function: kind}) {
  if (kind === "SIGMOID") return x => 1 / (1 + Math.exp(-4 * (x - center) / width));
  const [c, w] = kind === "LINEAR_EXACT" ? [center, width] : [center - 0.5, width - 1];
  const low = c - w / 2, high = c + w / 2;
  return x => x <= low ? 0 : x >= high ? 1 : (x - c) / w + 0.5;
}

function table(entries, {first, bits}) { // 0 to 1 of what the table can give
  const last = entries.length - 1, top = 2 ** bits - 1;
  return x => entries[Math.max(0, Math.min(last, Math.floor(x + 0.5) - first))] / top;
}

function voiOf({voi, luts, tables}, {window}) {
  if (window?.lut) return table(tables[`lut${window.lut}`], luts[window.lut - 1]);
  if (window) return windowed(window);
  return tables.voi ? table(tables.voi, voi) : windowed(voi);
}

const luts = new Map(); // the last few: a linked view or a way back costs nothing

export function lutOf(picture, look) {
  const name = JSON.stringify([picture.chain, look.window, look.invert]);
  const held = luts.get(name);
  if (held) return held;
  const lut = new Uint32Array(65536), modality = modalityOf(picture), voi = voiOf(picture, look);
  const inverse = picture.inverse !== look.invert, [low, high] = picture.padding ?? [1, 0];
  const {presentation, palette, display} = picture.tables, steps = presentation ? presentation.length - 1 : 0;
  const softcopy = presentation ? table(presentation, picture.presentation) : null;
  for (let i = 0; i < 65536; i++) {
    const stored = picture.signed ? i << 16 >> 16 : i;
    if (palette && stored >= picture.palette) { // from the first mapped value on, colours
      lut[i] = palette[Math.min(palette.length - 1, stored - picture.palette)];
      continue;
    }
    if (stored >= low && stored <= high) { lut[i] = BLACK; continue; }
    const v = voi(modality(stored)), y = (softcopy ? softcopy(v * steps) : v) * 255;
    const level = Math.floor((inverse ? 255 - y : y) + 0.5);
    lut[i] = grey(display ? display[level] : level);
  }
  if (luts.size > 15) luts.delete(luts.keys().next().value);
  luts.set(name, lut);
  return lut;
}
