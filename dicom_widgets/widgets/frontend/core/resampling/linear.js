// What lies between the four image pixels around the centre of each screen pixel, rounded half up; weights are in
// 1/256.
import { clamp } from "../numbers.js";
import { BLACK, SHIFTS } from "../pixels.js";
import { OUT, nearest } from "./nearest.js";

/**
 * Returns the two image pixels that each screen pixel lies between, as offsets, and the weight of the second.
 * @param {Axis} axis
 */
function between(axis) {
  const { count, scale, start, size, stride, back } = axis;
  const last = count - 1;
  const [from, to, weight] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)];
  const offset = (/** @type {number} */ u) => (back ? last - clamp(u, 0, last) : clamp(u, 0, last)) * stride;
  for (let i = 0; i < size; i++) {
    const q = clamp(Math.floor(((i + 0.5 - start) / scale - 0.5) * 256 + 0.5), -256, count * 256);
    from[i] = offset(q >> 8);
    to[i] = offset((q >> 8) + 1);
    weight[i] = q & 255;
  }
  return { at: nearest(axis), from, to, weight };
}

/** A row of the image between its columns. @typedef {{from: number, sums: Int32Array, weights: Int32Array}} Row */

/**
 * Fills a row of the image between its columns: padding has no weight.
 * @param {Values} data
 * @param {number} o offset of the row
 * @param {{from: Int32Array, to: Int32Array, weight: Int32Array}} across
 * @param {number[] | null} padding
 * @param {[shift: number, mask: number]} sample
 * @param {Row} row
 */
function fill(data, o, { from, to, weight }, padding, [shift, mask], { sums, weights }) {
  const [low, high] = padding ?? [1, 0];
  for (let x = 0; x < from.length; x++) {
    const a = (data[o + from[x]] >> shift) & mask;
    const b = (data[o + to[x]] >> shift) & mask;
    let f = weight[x];
    let d = 256 - f;
    if (padding) {
      if (a >= low && a <= high) d = 0;
      if (b >= low && b <= high) f = 0;
    }
    sums[x] = d * a + f * b;
    weights[x] = d + f;
  }
}

/**
 * Returns the values between the four nearest; OUT outside, and where padding is the nearest pixel.
 * First across, one row after the other, then down.
 * @param {Values} data
 * @param {number} base
 * @param {Axis} ax
 * @param {Axis} ay
 * @param {number[] | null} padding
 * @param {[shift: number, mask: number]} [sample] takes one sample out of a colour
 */
export function linear(data, base, ax, ay, padding, sample = [0, -1]) {
  const across = between(ax);
  const down = between(ay);
  const { at } = across;
  const W = ax.size;
  const out = new Int32Array(W * ay.size).fill(OUT);
  const [low, high] = padding ?? [1, 0];
  /** @type {() => Row} */
  const empty = () => ({ from: NaN, sums: new Int32Array(W), weights: new Int32Array(W) });
  const filled = (/** @type {Row} */ row, /** @type {number} */ from) => {
    if (row.from !== from) fill(data, base + from, across, padding, sample, row);
    row.from = from;
  };
  let top = empty();
  let bottom = empty();
  for (let y = 0, p = 0; y < ay.size; y++, p += W) {
    if (down.at[y] === OUT) continue;
    if (top.from !== down.from[y] && bottom.from === down.from[y]) [top, bottom] = [bottom, top];
    filled(top, down.from[y]);
    filled(bottom, down.to[y]);
    const { sums: s, weights: v } = top;
    const { sums: t, weights: w } = bottom;
    const g = down.weight[y];
    const e = 256 - g;
    const o = base + down.at[y];
    if (!padding) {
      // 16 bits of a sum below 2^32, or of one that is negative
      for (let x = 0; x < W; x++) {
        if (at[x] !== OUT) out[p + x] = (Math.imul(e, s[x]) + Math.imul(g, t[x]) + 32768) >>> 16;
      }
      continue;
    }
    for (let x = 0; x < W; x++) {
      if (at[x] === OUT) continue;
      const own = data[o + at[x]];
      const total = e * v[x] + g * w[x];
      if (own >= low && own <= high) continue;
      const mean = Math.floor((2 * (e * s[x] + g * t[x]) + total) / (2 * total));
      out[p + x] = (mean >= low && mean <= high ? high + 1 : mean) & 0xffff;
    }
  }
  return out;
}

/**
 * Returns the same of the three samples of each pixel, as pixels.
 * @param {Values} data
 * @param {number} base
 * @param {Axis} ax
 * @param {Axis} ay
 */
export function linearColor(data, base, ax, ay) {
  const [r, g, b] = SHIFTS.map((shift) => linear(data, base, ax, ay, null, [shift, 255]));
  for (let i = 0; i < r.length; i++) {
    if (r[i] !== OUT) r[i] = BLACK | (r[i] << SHIFTS[0]) | (g[i] << SHIFTS[1]) | (b[i] << SHIFTS[2]);
  }
  return r;
}
