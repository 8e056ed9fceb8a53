// Painting the pixels of a view on `canvas.dw-pixels`.
import { blend, opacityOf, sampled } from "../../core/color_overlay.js";
import { coverPixels, plainAxes } from "../../core/covers.js";
import { axesOf } from "../../core/geometry/axes.js";
import { lutOf } from "../../core/grayscale.js";
import { BLACK } from "../../core/pixels.js";
import { nearest, paintNearest } from "../../core/resampling/nearest.js";
import { mixed, paintMixed, wayOf } from "../../core/resampling/resample.js";
import { touch } from "../../runtime/buffers.js";

/** What inverts an opaque pixel by exclusive or. */
const INVERSION = BLACK ^ 0xffffffff;

/**
 * Returns how stored values become pixels: by a table, or, of colours, by an inversion.
 * @type {(s: Surface, picture: Picture) => {lut: Uint32Array | null, invert: number}}
 */
export function toPixels(s, picture) {
  if (picture.format === "rgb") return { lut: null, invert: s.look.invert ? INVERSION : 0 };
  return { lut: lutOf(picture, { ...s.look, window: s.windowOf(picture) }), invert: 0 };
}

/**
 * @param {View} view
 * @param {Surface} s
 * @param {Picture} picture
 * @param {CanvasRenderingContext2D} ctx
 */
export function paintPixels(view, s, picture, ctx) {
  const { width: W, height: H } = view.canvas;
  if (view.image?.width !== W || view.image?.height !== H) {
    view.image = new ImageData(W, H);
    view.out = new Uint32Array(view.image.data.buffer);
  }
  const data = touch(picture);
  const axes = axesOf(picture, s, W, H);
  const { lut, invert } = toPixels(s, picture);
  const way = wayOf(s, axes);
  const geometry = [picture.key, picture.preview, axes.zoom, axes.turns, axes.flip, s.pan, W, H, way].join();
  let fine = way !== "nearest" && !s.moving; // means are made once a frame; then a change of window is a look-up
  if (way !== "nearest" && picture.smooth) {
    if (view.reduction?.geometry !== geometry && fine) {
      view.reduction = { geometry, index: mixed(picture, data, axes, way) };
    }
    fine = view.reduction?.geometry === geometry;
  }
  if (fine && picture.smooth && view.reduction) paintMixed(view.reduction.index, lut, view.out, invert);
  else paintNearest(data, picture.base, nearest(axes.x), nearest(axes.y), lut, view.out, invert);
  paintLayers(view, s, picture, axes, s.moving ? "nearest" : way, geometry);
  if (picture.covers.length) {
    const reducing = fine && way === "area";
    const name = `${geometry},${reducing},${s.look.hidden}`;
    if (view.cover?.name !== name) {
      view.cover = { name, words: coverPixels(picture, axes, s.look.hidden, reducing) };
    }
    paintOver(view.out, view.cover.words);
  }
  ctx.putImageData(view.image, 0, 0);
}

/** Paints what is not 0. @type {(out: Uint32Array, words: Uint32Array) => void} */
export function paintOver(out, words) {
  for (let i = 0; i < words.length; i++) if (words[i]) out[i] = words[i];
}

/** @type {(view: View, s: Surface, picture: Picture, axes: Axes, way: string, geometry: string) => void} */
function paintLayers(view, s, picture, axes, way, geometry) {
  const { x, y } = plainAxes(picture, axes);
  const name = `${geometry},${way}`;
  if (view.layers?.name !== name) view.layers = { name, words: new Map() };
  const held = view.layers.words;
  for (const layer of picture.layers) {
    if (s.look.hidden.includes(layer.name)) continue;
    const words = held.get(layer.name) ?? sampled(picture.tables[layer.words], x, y, layer.smooth ? way : "nearest");
    held.set(layer.name, words);
    blend(view.out, words, picture.tables[layer.colors], Math.floor(opacityOf(s, layer) * 256 + 0.5));
  }
}
