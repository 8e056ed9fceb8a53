// The image pixel under the centre of each screen pixel. Like its siblings a twin of display/picture/resample.py: whole
// numbers and the same order of operations, so that page and kernel agree to the bit.
import { BLACK } from "../pixels.js";

/** "Outside": no possible offset, as -1 is one where an axis is reversed and its stride negative. */
export const OUT = 0x7fffffff;

/** @param {Axis} axis @returns {Int32Array} the offset for each screen pixel */
export function nearest({ count, scale, start, size, stride, back }) {
  const table = new Int32Array(size);
  for (let i = 0; i < size; i++) {
    const u = Math.floor((i + 0.5 - start) / scale);
    table[i] = u < 0 || u >= count ? OUT : (back ? count - 1 - u : u) * stride;
  }
  return table;
}

/** @param {Axis} axis @returns {Int32Array} the offset of each image pixel, in the order of the screen */
export function offsets({ count, stride, back }) {
  const index = new Int32Array(count);
  for (let u = 0; u < count; u++) index[u] = (back ? count - 1 - u : u) * stride;
  return index;
}

/**
 * Paints the nearest values.
 * @param {Values} data
 * @param {number} base offset of the first value
 * @param {Int32Array} xs
 * @param {Int32Array} ys
 * @param {Uint32Array | null} lut null where the values are pixels
 * @param {Uint32Array} out
 * @param {number} [invert] exclusive or with each pixel
 */
export function paintNearest(data, base, xs, ys, lut, out, invert = 0) {
  const W = xs.length;
  let a = 0;
  let b = W;
  while (a < W && xs[a] === OUT) a++;
  while (b > a && xs[b - 1] === OUT) b--;
  for (let y = 0, p = 0; y < ys.length; y++, p += W) {
    if (ys[y] === OUT || a === b) {
      out.fill(BLACK, p, p + W);
      continue;
    }
    out.fill(BLACK, p, p + a);
    out.fill(BLACK, p + b, p + W);
    const o = base + ys[y];
    if (lut) for (let x = a; x < b; x++) out[p + x] = lut[data[o + xs[x]] & 0xffff];
    else for (let x = a; x < b; x++) out[p + x] = data[o + xs[x]] ^ invert;
  }
}
