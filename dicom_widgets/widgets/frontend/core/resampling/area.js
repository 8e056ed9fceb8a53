// The mean of the image pixels under each screen pixel, rounded half up. Borders are counted in 1/256 image pixels;
// sums of whole numbers stay below 2^53, so their order is free.
import { BLACK, SHIFTS } from "../pixels.js";
import { OUT, offsets } from "./nearest.js";

/** @param {Axis} axis @returns {Int32Array} the borders of screen pixels in 1/256 image pixels, within the image */
function borders({ count, scale, start, size }) {
  const table = new Int32Array(size + 1);
  for (let i = 0; i <= size; i++) {
    table[i] = Math.min(count * 256, Math.max(0, Math.floor(((i - start) / scale) * 256 + 0.5)));
  }
  return table;
}

/** @type {(unit: number, from: number, to: number) => number} How much of an image pixel lies between two borders. */
const share = (unit, from, to) => Math.min(to, (unit + 1) << 8) - Math.max(from, unit << 8);

/**
 * Adds up the rows of the image that lie under a row of the screen.
 * @param {Values} data
 * @param {number} base
 * @param {Int32Array} index offsets across
 * @param {Int32Array} rows offsets down
 * @param {[number, number]} span borders of the row of the screen
 * @param {number[] | null} padding stored values from .. to that are left out
 * @param {{sums: Float64Array, weights: Float64Array}} into
 */
function addRows(data, base, index, rows, [from, to], padding, { sums, weights }) {
  const [low, high] = padding ?? [1, 0];
  const n = index.length;
  sums.fill(0);
  weights.fill(padding ? 0 : to - from);
  for (let v = from >> 8; v << 8 < to; v++) {
    const weight = share(v, from, to);
    const o = base + rows[v];
    if (!padding) for (let u = 0; u < n; u++) sums[u] += weight * data[o + index[u]];
    else
      for (let u = 0; u < n; u++) {
        const s = data[o + index[u]];
        if (s < low || s > high) {
          sums[u] += weight * s;
          weights[u] += weight;
        }
      }
  }
}

/**
 * Returns the mean of the stored values under each screen pixel; OUT where there is none.
 * @param {Values} data
 * @param {number} base
 * @param {Axis} ax
 * @param {Axis} ay
 * @param {number[] | null} padding
 */
export function reduced(data, base, ax, ay, padding) {
  const [bx, by, W] = [borders(ax), borders(ay), ax.size];
  const [index, rows] = [offsets(ax), offsets(ay)];
  const out = new Int32Array(W * ay.size).fill(OUT);
  const sums = new Float64Array(ax.count);
  const weights = new Float64Array(ax.count);
  const [low, high] = padding ?? [1, 0];
  for (let y = 0, p = 0; y < ay.size; y++, p += W) {
    if (by[y] === by[y + 1]) continue;
    addRows(data, base, index, rows, [by[y], by[y + 1]], padding, { sums, weights });
    for (let x = 0; x < W; x++) {
      const left = bx[x];
      const right = bx[x + 1];
      let sum = 0;
      let total = 0;
      for (let u = left >> 8; u << 8 < right; u++) {
        const part = share(u, left, right);
        sum += part * sums[u];
        total += part * weights[u];
      }
      if (!total) continue;
      const mean = Math.floor((2 * sum + total) / (2 * total));
      // A mean of pixels on both sides of the padding is none.
      out[p + x] = (mean >= low && mean <= high ? high + 1 : mean) & 0xffff;
    }
  }
  return out;
}

/**
 * Adds up the three samples of the rows of a colour image that lie under a row of the screen.
 * @param {Values} data
 * @param {number} base
 * @param {Int32Array} index
 * @param {Int32Array} rows
 * @param {[number, number]} span
 * @param {Float64Array} sums three for each column
 */
function addColors(data, base, index, rows, [from, to], sums) {
  const [r, g, b] = SHIFTS;
  sums.fill(0);
  for (let v = from >> 8; v << 8 < to; v++) {
    const weight = share(v, from, to);
    const o = base + rows[v];
    for (let u = 0, k = 0; u < index.length; u++, k += 3) {
      const w = data[o + index[u]];
      sums[k] += weight * ((w >>> r) & 255);
      sums[k + 1] += weight * ((w >>> g) & 255);
      sums[k + 2] += weight * ((w >>> b) & 255);
    }
  }
}

/**
 * Returns the mean of each of the three samples under each screen pixel, as pixels; OUT where there is none.
 * @param {Values} data
 * @param {number} base
 * @param {Axis} ax
 * @param {Axis} ay
 */
export function reducedColor(data, base, ax, ay) {
  const [bx, by, W] = [borders(ax), borders(ay), ax.size];
  const [index, rows] = [offsets(ax), offsets(ay)];
  const out = new Int32Array(W * ay.size).fill(OUT);
  const sums = new Float64Array(3 * ax.count);
  for (let y = 0, p = 0; y < ay.size; y++, p += W) {
    const [from, to] = [by[y], by[y + 1]];
    if (from === to) continue;
    addColors(data, base, index, rows, [from, to], sums);
    for (let x = 0; x < W; x++) {
      const left = bx[x];
      const right = bx[x + 1];
      const total = (right - left) * (to - from);
      if (!total) continue;
      let pixel = BLACK;
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let u = left >> 8; u << 8 < right; u++) sum += share(u, left, right) * sums[3 * u + c];
        pixel |= Math.floor((2 * sum + total) / (2 * total)) << SHIFTS[c];
      }
      out[p + x] = pixel;
    }
  }
  return out;
}

/**
 * Returns which screen pixels cover a set bit, 1 or 0: thin lines of an overlay are not lost.
 * @param {Values} bits
 * @param {Axis} ax
 * @param {Axis} ay
 */
export function touched(bits, ax, ay) {
  const [bx, by, W] = [borders(ax), borders(ay), ax.size];
  const [index, rows] = [offsets(ax), offsets(ay)];
  const out = new Uint8Array(W * ay.size);
  const any = new Uint8Array(ax.count);
  for (let y = 0, p = 0; y < ay.size; y++, p += W) {
    if (by[y] === by[y + 1]) continue;
    any.fill(0);
    for (let v = by[y] >> 8; v << 8 < by[y + 1]; v++) {
      for (let u = 0; u < index.length; u++) any[u] |= bits[rows[v] + index[u]];
    }
    for (let x = 0; x < W; x++) {
      for (let u = bx[x] >> 8; u << 8 < bx[x + 1]; u++) {
        if (!any[u]) continue;
        out[p + x] = 1;
        break;
      }
    }
  }
  return out;
}
