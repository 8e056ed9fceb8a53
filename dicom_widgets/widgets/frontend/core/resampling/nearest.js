import { BLACK } from "../pixels.js";

export const OUT = 0x7fffffff; // "outside": no possible offset (a reversed axis has negative strides, so -1 is one)

export function nearest({count, scale, start, size, stride, back}) {
  const table = new Int32Array(size);
  for (let i = 0; i < size; i++) {
    const u = Math.floor((i + 0.5 - start) / scale);
    table[i] = u < 0 || u >= count ? OUT : (back ? count - 1 - u : u) * stride;
  }
  return table;
}

export function paintNearest(data, base, xs, ys, lut, out, invert = 0) { // without a table the values are pixels
  const W = xs.length;
  let a = 0, b = W;
  while (a < W && xs[a] === OUT) a++;
  while (b > a && xs[b - 1] === OUT) b--;
  for (let y = 0, p = 0; y < ys.length; y++, p += W) {
    if (ys[y] === OUT || a === b) { out.fill(BLACK, p, p + W); continue; }
    out.fill(BLACK, p, p + a);
    out.fill(BLACK, p + b, p + W);
    const o = base + ys[y];
    if (lut) for (let x = a; x < b; x++) out[p + x] = lut[data[o + xs[x]] & 0xffff];
    else for (let x = a; x < b; x++) out[p + x] = data[o + xs[x]] ^ invert;
  }
}
