import { BLACK, LITTLE } from "../pixels.js";
import { OUT } from "./nearest.js";

function borders({count, scale, start, size}) { // of screen pixels, in 1/256 image pixels
  const table = new Int32Array(size + 1);
  for (let i = 0; i <= size; i++) table[i] = Math.min(count * 256, Math.max(0, Math.floor((i - start) / scale * 256 + 0.5)));
  return table;
}

// Means of stored values, rounded half up, padding left out: whole numbers below 2^53, so the order of the sums is free.
export function reduced(data, base, ax, ay, padding) {
  const bx = borders(ax), by = borders(ay), W = ax.size, n = ax.count, out = new Int32Array(W * ay.size).fill(OUT);
  const sums = new Float64Array(n), weights = new Float64Array(n), index = new Int32Array(n);
  const [low, high] = padding ?? [1, 0];
  for (let u = 0; u < n; u++) index[u] = (ax.back ? n - 1 - u : u) * ax.stride;
  for (let y = 0, p = 0; y < ay.size; y++, p += W) {
    const from = by[y], to = by[y + 1];
    if (from === to) continue;
    sums.fill(0);
    weights.fill(padding ? 0 : to - from);
    for (let v = from >> 8; v << 8 < to; v++) {
      const weight = Math.min(to, v + 1 << 8) - Math.max(from, v << 8), o = base + (ay.back ? ay.count - 1 - v : v) * ay.stride;
      if (!padding) for (let u = 0; u < n; u++) sums[u] += weight * data[o + index[u]];
      else for (let u = 0; u < n; u++) {
        const s = data[o + index[u]];
        if (s < low || s > high) { sums[u] += weight * s; weights[u] += weight; }
      }
    }
    for (let x = 0; x < W; x++) {
      const left = bx[x], right = bx[x + 1];
      let sum = 0, total = 0;
      for (let u = left >> 8; u << 8 < right; u++) {
        const part = Math.min(right, u + 1 << 8) - Math.max(left, u << 8);
        sum += part * sums[u];
        total += part * weights[u];
      }
      if (!total) continue;
      const mean = Math.floor((2 * sum + total) / (2 * total));
      out[p + x] = (mean >= low && mean <= high ? high + 1 : mean) & 0xffff; // a mean of pixels on both sides of it is no padding
    }
  }
  return out;
}

export function reducedColor(data, base, ax, ay) { // the same of the three samples of each pixel
  const bx = borders(ax), by = borders(ay), W = ax.size, n = ax.count, out = new Int32Array(W * ay.size).fill(OUT);
  const sums = new Float64Array(3 * n), index = new Int32Array(n), shifts = LITTLE ? [0, 8, 16] : [24, 16, 8];
  for (let u = 0; u < n; u++) index[u] = (ax.back ? n - 1 - u : u) * ax.stride;
  const [r, g, b] = shifts;
  for (let y = 0, p = 0; y < ay.size; y++, p += W) {
    const from = by[y], to = by[y + 1];
    if (from === to) continue;
    sums.fill(0);
    for (let v = from >> 8; v << 8 < to; v++) {
      const weight = Math.min(to, v + 1 << 8) - Math.max(from, v << 8), o = base + (ay.back ? ay.count - 1 - v : v) * ay.stride;
      for (let u = 0, k = 0; u < n; u++, k += 3) {
        const w = data[o + index[u]];
        sums[k] += weight * (w >>> r & 255);
        sums[k + 1] += weight * (w >>> g & 255);
        sums[k + 2] += weight * (w >>> b & 255);
      }
    }
    for (let x = 0; x < W; x++) {
      const left = bx[x], right = bx[x + 1], total = (right - left) * (to - from);
      if (!total) continue;
      let pixel = BLACK;
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let u = left >> 8; u << 8 < right; u++) sum += (Math.min(right, u + 1 << 8) - Math.max(left, u << 8)) * sums[3 * u + c];
        pixel |= Math.floor((2 * sum + total) / (2 * total)) << shifts[c];
      }
      out[p + x] = pixel;
    }
  }
  return out;
}

export function touched(bits, ax, ay) { // which screen pixels cover a set bit: thin lines of an overlay are not lost
  const bx = borders(ax), by = borders(ay), W = ax.size, n = ax.count, out = new Uint8Array(W * ay.size);
  const any = new Uint8Array(n), index = new Int32Array(n);
  for (let u = 0; u < n; u++) index[u] = (ax.back ? n - 1 - u : u) * ax.stride;
  for (let y = 0, p = 0; y < ay.size; y++, p += W) {
    if (by[y] === by[y + 1]) continue;
    any.fill(0);
    for (let v = by[y] >> 8; v << 8 < by[y + 1]; v++) {
      const o = (ay.back ? ay.count - 1 - v : v) * ay.stride;
      for (let u = 0; u < n; u++) any[u] |= bits[o + index[u]];
    }
    for (let x = 0; x < W; x++) for (let u = bx[x] >> 8; u << 8 < bx[x + 1]; u++) if (any[u]) { out[p + x] = 1; break; }
  }
  return out;
}
