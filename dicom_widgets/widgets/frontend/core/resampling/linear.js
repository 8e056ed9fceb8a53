import { clamp } from "../numbers.js";
import { BLACK, LITTLE } from "../pixels.js";
import { OUT, nearest } from "./nearest.js";

function between(axis) { // the two image pixels that each screen pixel lies between, and the weight of the second in 1/256
  const {count, scale, start, size, stride, back} = axis, last = count - 1, place = u => clamp(u, 0, last);
  const found = {at: nearest(axis), from: new Int32Array(size), to: new Int32Array(size), weight: new Int32Array(size)};
  const offset = u => (back ? last - place(u) : place(u)) * stride;
  for (let i = 0; i < size; i++) {
    const q = clamp(Math.floor(((i + 0.5 - start) / scale - 0.5) * 256 + 0.5), -256, count * 256);
    found.from[i] = offset(q >> 8);
    found.to[i] = offset((q >> 8) + 1);
    found.weight[i] = q & 255;
  }
  return found;
}

// What lies between four stored values; padding is not mixed in, and where it is the nearest pixel there is nothing.
// First across, one row after the other, then down; `shift` and `mask` take one sample out of a colour.
export function linear(data, base, ax, ay, padding, shift = 0, mask = -1) {
  const {at, from: left, to: right, weight} = between(ax), Y = between(ay), W = ax.size, out = new Int32Array(W * ay.size).fill(OUT), [low, high] = padding ?? [1, 0];
  const make = () => ({from: NaN, sums: new Int32Array(W), weights: new Int32Array(W)});
  const fill = (row, from) => {
    const {sums, weights} = row, o = base + from;
    row.from = from;
    for (let x = 0; x < W; x++) {
      const a = data[o + left[x]] >> shift & mask, b = data[o + right[x]] >> shift & mask;
      let f = weight[x], d = 256 - f;
      if (padding) { if (a >= low && a <= high) d = 0; if (b >= low && b <= high) f = 0; }
      sums[x] = d * a + f * b;
      weights[x] = d + f;
    }
  };
  let top = make(), bottom = make();
  for (let y = 0, p = 0; y < ay.size; y++, p += W) {
    if (Y.at[y] === OUT) continue;
    if (top.from !== Y.from[y]) {
      if (bottom.from === Y.from[y]) [top, bottom] = [bottom, top]; else fill(top, Y.from[y]);
    }
    if (bottom.from !== Y.to[y]) fill(bottom, Y.to[y]);
    const {sums: s, weights: v} = top, {sums: t, weights: w} = bottom, g = Y.weight[y], e = 256 - g, o = base + Y.at[y];
    if (!padding) { // 16 bits of a sum below 2^32, or of one that is negative
      for (let x = 0; x < W; x++) if (at[x] !== OUT) out[p + x] = Math.imul(e, s[x]) + Math.imul(g, t[x]) + 32768 >>> 16;
      continue;
    }
    for (let x = 0; x < W; x++) {
      if (at[x] === OUT) continue;
      const nearest = data[o + at[x]], total = e * v[x] + g * w[x];
      if (nearest >= low && nearest <= high) continue;
      const mean = Math.floor((2 * (e * s[x] + g * t[x]) + total) / (2 * total));
      out[p + x] = (mean >= low && mean <= high ? high + 1 : mean) & 0xffff;
    }
  }
  return out;
}

export function linearColor(data, base, ax, ay) { // the same of the three samples of each pixel
  const shifts = LITTLE ? [0, 8, 16] : [24, 16, 8], [r, g, b] = shifts.map(c => linear(data, base, ax, ay, null, c, 255));
  for (let i = 0; i < r.length; i++) if (r[i] !== OUT) r[i] = BLACK | r[i] << shifts[0] | g[i] << shifts[1] | b[i] << shifts[2];
  return r;
}
