// How the values of a picture are read: what a 16-bit pattern stands for, and what that means. The twin of
// display/values/value_semantics.py; it does not depend on window and presentation state.
import { clamp } from "../numbers.js";

/**
 * @param {Picture} picture
 * @param {Values} data the picture's stored values
 * @returns {FrameValues}
 */
export function valuesOf(picture, data) {
  const { meaning, tables, base, strideX, strideY } = picture;
  const { coded, meant } = tables;
  const [low, high] = meaning.padding ?? [1, 0];
  const line = /** @type {ModalityStage} */ (meaning.modality);
  const last = meant ? meant.length - 1 : 0;
  const signed = data instanceof Int16Array;
  const raw = (/** @type {number} */ column, /** @type {number} */ row) =>
    data[base + row * strideY + column * strideX];
  return {
    data,
    color: picture.format === "rgb",
    grey: picture.format !== "rgb" && !!line,
    stored: coded ? (code) => coded[code] : signed ? (code) => (code << 16) >> 16 : (code) => code,
    at: coded ? (column, row) => coded[raw(column, row)] : raw,
    isPadding: (stored) => stored >= low && stored <= high,
    real: meaning.real.map((m, i) => ({ ...m, of: realWorld(m, tables[`real${i}`]) })),
    modality: meant
      ? (stored) => meant[clamp(Math.floor(stored + 0.5) - line.first, 0, last)]
      : (stored) => stored * line.slope + line.intercept,
  };
}

/**
 * Returns what takes a stored value to a real world value, NaN where it is not mapped.
 * @param {RealWorldMapping} mapping
 * @param {Float64Array | undefined} table
 * @returns {(stored: number) => number}
 */
function realWorld({ first, last, slope, intercept }, table) {
  const isMapped = (/** @type {number} */ s) => (first === null || s >= first) && (last === null || s <= last);
  if (!table) return (s) => (isMapped(s) ? s * slope + intercept : NaN);
  return (s) => (isMapped(s) ? table[clamp(Math.floor(s - (first ?? 0) + 0.5), 0, table.length - 1)] : NaN);
}

/** @type {(picture: Picture, column: number, row: number) => boolean} */
export const isInside = ({ rows, columns }, column, row) => column >= 0 && row >= 0 && column < columns && row < rows;
