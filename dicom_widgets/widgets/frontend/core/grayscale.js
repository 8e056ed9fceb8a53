// The grayscale pipeline: stored value -> opaque grey, one table of 65,536 entries indexed by stored & 0xffff. The
// twin of display/pipeline/grayscale.py: the order of the operations is the same there, so that both give the same
// bytes.
import { BLACK, LITTLE } from "./pixels.js";

/** @typedef {(x: number) => number} Stage */

/** @type {Stage} A level of grey as an opaque pixel. */
const grey = (y) => (LITTLE ? 0xff000000 | (y << 16) | (y << 8) | y : (y << 24) | (y << 16) | (y << 8) | 0xff) >>> 0;

/** @param {Picture} picture @returns {Stage} */
function modalityOf({ modality, tables }) {
  if (!tables.modality) return (s) => s * modality.slope + modality.intercept;
  const entries = tables.modality;
  const last = entries.length - 1;
  return (s) => entries[Math.max(0, Math.min(last, Math.floor(s + 0.5) - modality.first))];
}

/** @param {VoiWindow} window @returns {Stage} */
function windowed({ center, width, function: kind }) {
  if (kind === "SIGMOID") return (x) => 1 / (1 + Math.exp((-4 * (x - center)) / width));
  const [c, w] = kind === "LINEAR_EXACT" ? [center, width] : [center - 0.5, width - 1];
  const low = c - w / 2;
  const high = c + w / 2;
  return (x) => (x <= low ? 0 : x >= high ? 1 : (x - c) / w + 0.5);
}

/**
 * Looks a value up, giving 0 to 1 of what the table can give.
 * @param {Uint16Array} entries
 * @param {TableHead} head
 * @returns {Stage}
 */
function table(entries, { first, bits }) {
  const last = entries.length - 1;
  const top = 2 ** bits - 1;
  return (x) => entries[Math.max(0, Math.min(last, Math.floor(x + 0.5) - first))] / top;
}

/** @param {Picture} picture @param {Pick<Look, "window">} look @returns {Stage} */
function voiOf({ voi, luts, tables }, { window }) {
  if (window?.lut) return table(tables[`lut${window.lut}`], luts[window.lut - 1]);
  if (window?.width !== undefined) return windowed(window);
  return tables.voi ? table(tables.voi, /** @type {TableHead} */ (voi)) : windowed(/** @type {VoiWindow} */ (voi));
}

/** The tables that were made last: a linked view or a way back costs nothing. @type {Map<string, Uint32Array>} */
const recent = new Map();

/**
 * Returns the table of a picture as it is looked at.
 * @param {Picture} picture
 * @param {Pick<Look, "window" | "invert">} look
 */
export function lutOf(picture, look) {
  const name = JSON.stringify([picture.chain, look.window, look.invert]);
  const held = recent.get(name);
  if (held) return held;
  const lut = new Uint32Array(65536);
  const modality = modalityOf(picture);
  const voi = voiOf(picture, look);
  const inverse = picture.inverse !== look.invert;
  const [low, high] = picture.padding ?? [1, 0];
  const { presentation, palette, display } = picture.tables;
  const steps = presentation ? presentation.length - 1 : 0;
  const softcopy = presentation ? table(presentation, /** @type {TableHead} */ (picture.presentation)) : null;
  const firstColor = palette ? /** @type {number} */ (picture.palette) : 0;
  for (let i = 0; i < 65536; i++) {
    const stored = picture.signed ? (i << 16) >> 16 : i;
    if (palette && stored >= firstColor) {
      lut[i] = palette[Math.min(palette.length - 1, stored - firstColor)]; // from the first mapped value on, colours
      continue;
    }
    if (stored >= low && stored <= high) {
      lut[i] = BLACK;
      continue;
    }
    const v = voi(modality(stored));
    const y = (softcopy ? softcopy(v * steps) : v) * 255;
    const level = Math.floor((inverse ? 255 - y : y) + 0.5);
    lut[i] = grey(display ? display[level] : level);
  }
  if (recent.size > 15) recent.delete(/** @type {string} */ (recent.keys().next().value));
  recent.set(name, lut);
  return lut;
}
