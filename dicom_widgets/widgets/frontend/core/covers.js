// What covers an image: its shutter and its overlays, bits with a colour that are painted after the pixels. The twin of
// display/picture/covers.py.
import { wordOf } from "./pixels.js";
import { touched } from "./resampling/area.js";
import { OUT, nearest } from "./resampling/nearest.js";

/** @type {(picture: Picture, axes: Axes) => {x: Axis, y: Axis}} The axes of a grid with one value for each pixel. */
export const plainAxes = ({ columns }, { x, y, turns }) => {
  const odd = turns % 2 === 1;
  return { x: { ...x, stride: odd ? columns : 1 }, y: { ...y, stride: odd ? 1 : columns } };
};

/**
 * Returns the covers as pixels, 0 where none is.
 * @param {Picture} picture
 * @param {Axes} axes
 * @param {string[]} hidden the names that are switched off
 * @param {boolean} fine whether the image is reduced: then any set bit under a screen pixel counts, and thin lines stay
 */
export function coverPixels(picture, axes, hidden, fine) {
  const { x, y } = plainAxes(picture, axes);
  const [xs, ys, W] = [nearest(x), nearest(y), x.size];
  const words = new Uint32Array(W * y.size);
  for (const { name, color } of picture.covers) {
    if (hidden.includes(name)) continue;
    const bits = picture.tables[name];
    const word = wordOf(color);
    if (fine && name !== "shutter") {
      const any = touched(bits, x, y);
      for (let i = 0; i < any.length; i++) if (any[i]) words[i] = word;
      continue;
    }
    for (let v = 0, p = 0; v < ys.length; v++, p += W) {
      if (ys[v] === OUT) continue;
      for (let u = 0; u < W; u++) if (xs[u] !== OUT && bits[ys[v] + xs[u]]) words[p + u] = word;
    }
  }
  return words;
}
