// Further layers over an image: words that index colours, where 0 is transparent. The twin of
// display/picture/color_overlay.py.
import { reduced } from "./resampling/area.js";
import { linear } from "./resampling/linear.js";
import { OUT, nearest } from "./resampling/nearest.js";

/** @type {(picture: Pick<Picture, "layers" | "tables">) => number} The bytes that the layers of a picture take. */
export const layerBytes = ({ layers = [], tables }) =>
  layers.reduce((sum, { words }) => sum + tables[words].byteLength, 0);

/** @type {(view: {opacity: Record<string, number>}, layer: OverlayLayer) => number} */
export const opacityOf = (view, { name, opacity }) => view.opacity[name] ?? opacity;

/**
 * Returns the word under each screen pixel. 0 is treated as padding is: left out of means, and not mixed in.
 * @param {Values} data
 * @param {Axis} x
 * @param {Axis} y
 * @param {string} way
 */
export function sampled(data, x, y, way) {
  if (way === "area") return reduced(data, 0, x, y, [0, 0]);
  if (way === "linear") return linear(data, 0, x, y, [0, 0]);
  const [xs, ys, W] = [nearest(x), nearest(y), x.size];
  const out = new Int32Array(W * ys.length);
  for (let v = 0, p = 0; v < ys.length; v++, p += W) {
    if (ys[v] === OUT) continue;
    for (let u = 0; u < W; u++) if (xs[u] !== OUT) out[p + u] = data[ys[v] + xs[u]];
  }
  return out;
}

/**
 * Paints colours over pixels: (a * color + (256 - a) * below + 128) >> 8 of each channel, two of them at once.
 * @param {Uint32Array} out
 * @param {Int32Array} words
 * @param {Uint32Array} colors
 * @param {number} a opacity, 0 to 256
 */
export function blend(out, words, colors, a) {
  const even = 0x00ff00ff;
  const odd = 0xff00ff00;
  const half = 0x00800080;
  const b = 256 - a;
  for (let i = 0; i < out.length; i++) {
    const word = words[i];
    if (word === 0 || word === OUT) continue;
    const color = colors[word - 1];
    const below = out[i];
    const low = (((color & even) * a + (below & even) * b + half) >>> 8) & even;
    const high = (((color >>> 8) & even) * a + ((below >>> 8) & even) * b + half) & odd;
    out[i] = low | high;
  }
}
