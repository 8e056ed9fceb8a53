// How screen pixels are made of image pixels: "area" is the mean of several, "linear" lies between four, else the
// nearest.
import { BLACK } from "../pixels.js";
import { reduced, reducedColor } from "./area.js";
import { linear, linearColor } from "./linear.js";
import { OUT } from "./nearest.js";

/** @typedef {"area" | "linear" | "nearest"} Way */

/** @type {(view: {interpolation: string}, axes: Axes) => Way} */
export const wayOf = ({ interpolation }, { zoom, x, y }) => {
  if (zoom < 1) return "area";
  return interpolation === "linear" && Math.max(x.scale, y.scale) > 1 ? "linear" : "nearest";
};

/**
 * Returns the means of a picture for each screen pixel: stored values, or pixels of a colour image.
 * @param {Picture} picture
 * @param {Values} data
 * @param {Axes} axes
 * @param {Way} way
 */
export function mixed({ format, base, padding }, data, { x, y }, way) {
  if (format === "rgb") return (way === "area" ? reducedColor : linearColor)(data, base, x, y);
  return (way === "area" ? reduced : linear)(data, base, x, y, padding);
}

/**
 * Paints means.
 * @param {Int32Array} index
 * @param {Uint32Array | null} lut null where the means are pixels
 * @param {Uint32Array} out
 * @param {number} [invert]
 */
export function paintMixed(index, lut, out, invert = 0) {
  if (lut) for (let i = 0; i < index.length; i++) out[i] = index[i] === OUT ? BLACK : lut[index[i]];
  else for (let i = 0; i < index.length; i++) out[i] = index[i] === OUT ? BLACK : index[i] ^ invert;
}
