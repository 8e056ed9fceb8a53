import { reduced } from "./resampling/area.js";
import { linear } from "./resampling/linear.js";
import { OUT, nearest } from "./resampling/nearest.js";

export const layerBytes = ({layers = [], tables}) => layers.reduce((sum, {words}) => sum + tables[words].byteLength, 0);

export const opacityOf = (s, {name, opacity}) => s.opacity[name] ?? opacity;

export function sampled(data, x, y, way) { // 0 is what padding is: left out of means, and not mixed in
  if (way === "area") return reduced(data, 0, x, y, [0, 0]);
  if (way === "linear") return linear(data, 0, x, y, [0, 0]);
  const xs = nearest(x), ys = nearest(y), W = xs.length, out = new Int32Array(W * ys.length);
  for (let v = 0, p = 0; v < ys.length; v++, p += W) {
    if (ys[v] === OUT) continue;
    for (let u = 0; u < W; u++) if (xs[u] !== OUT) out[p + u] = data[ys[v] + xs[u]];
  }
  return out;
}

export function blend(out, words, colors, a) { // (a * color + (256 - a) * below + 128) >> 8 of each channel, two of them at once
  const even = 0x00ff00ff, odd = 0xff00ff00, half = 0x00800080, b = 256 - a;
  for (let i = 0; i < out.length; i++) {
    const word = words[i];
    if (word === 0 || word === OUT) continue;
    const color = colors[word - 1], below = out[i];
    out[i] = ((color & even) * a + (below & even) * b + half) >>> 8 & even | (color >>> 8 & even) * a + (below >>> 8 & even) * b + half & odd;
  }
}
