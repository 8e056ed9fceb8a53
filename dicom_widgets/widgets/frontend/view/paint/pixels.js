import { blend, opacityOf, sampled } from "../../core/color_overlay.js";
import { axesOf, toScreen } from "../../core/geometry/axes.js";
import { lutOf } from "../../core/grayscale.js";
import { BLACK, wordOf } from "../../core/pixels.js";
import { touched } from "../../core/resampling/area.js";
import { OUT, nearest, paintNearest } from "../../core/resampling/nearest.js";
import { mixed, paintReduced, wayOf } from "../../core/resampling/resample.js";
import { touch } from "../../runtime/buffers.js";
import { paintShapes } from "./shapes.js";

export function paintPixels(view, s, picture, ctx) {
  const t0 = performance.now(), {canvas} = view, {width: W, height: H} = canvas, data = touch(picture);
  if (view.image?.width !== W || view.image?.height !== H) {
    view.image = new ImageData(W, H);
    view.out = new Uint32Array(view.image.data.buffer);
  }
  const color = picture.format === "rgb", lut = color ? null : lutOf(picture, {...s.look, window: s.windowOf(picture)}), axes = axesOf(picture, s, W, H);
  const invert = color && s.look.invert ? BLACK ^ 0xffffffff : 0;
  const way = wayOf(s, axes), geometry = [picture.key, picture.preview, axes.zoom, axes.turns, axes.flip, s.pan, W, H, way].join();
  let fine = way !== "nearest" && !s.moving; // the values are made once a frame, then a change of window is a look-up
  if (way !== "nearest" && picture.smooth) {
    if (view.reduction?.geometry !== geometry && fine) view.reduction = {geometry, index: mixed(picture, data, axes, way)};
    fine = view.reduction?.geometry === geometry;
  }
  if (fine && picture.smooth) paintReduced(view.reduction.index, lut, view.out, invert);
  else paintNearest(data, picture.base, nearest(axes.x), nearest(axes.y), lut, view.out, invert);
  paintLayers(view, s, picture, axes, s.moving ? "nearest" : way, geometry);
  if (picture.covers.length) paintCovers(view, s, picture, axes, fine && way === "area", geometry);
  ctx.putImageData(view.image, 0, 0);
  paintShapes(view, picture, toScreen(picture, axes), s.look.hidden);
  canvas.dataset.ms = (performance.now() - t0).toFixed(2);
}

function paintLayers(view, s, picture, axes, way, geometry) {
  const odd = axes.turns % 2 === 1, x = {...axes.x, stride: odd ? picture.columns : 1}, y = {...axes.y, stride: odd ? 1 : picture.columns};
  const name = `${geometry},${way}`;
  if (view.layers?.name !== name) view.layers = {name, words: new Map()};
  for (const layer of picture.layers) {
    if (s.look.hidden.includes(layer.name)) continue;
    const {words} = view.layers, data = picture.tables[layer.words];
    if (!words.has(layer.name)) words.set(layer.name, sampled(data, x, y, layer.smooth ? way : "nearest"));
    blend(view.out, words.get(layer.name), picture.tables[layer.colors], Math.floor(opacityOf(s, layer) * 256 + 0.5));
  }
}

export function paintCovers(view, s, picture, axes, fine, geometry) { // the shutter, then the overlays
  const {hidden} = s.look, name = `${geometry},${fine},${hidden}`, odd = axes.turns % 2 === 1;
  if (view.cover?.name !== name) {
    const x = {...axes.x, stride: odd ? picture.columns : 1}, y = {...axes.y, stride: odd ? 1 : picture.columns};
    const words = new Uint32Array(view.out.length), xs = nearest(x), ys = nearest(y), W = xs.length;
    for (const {name: of, color} of picture.covers) {
      if (hidden.includes(of)) continue;
      const bits = picture.tables[of], word = wordOf(color);
      if (fine && of !== "shutter") {
        const any = touched(bits, x, y);
        for (let i = 0; i < any.length; i++) if (any[i]) words[i] = word;
        continue;
      }
      for (let v = 0, p = 0; v < ys.length; v++, p += W) {
        if (ys[v] === OUT) continue;
        for (let u = 0; u < W; u++) if (xs[u] !== OUT && bits[ys[v] + xs[u]]) words[p + u] = word;
      }
    }
    view.cover = {name, words};
  }
  const {out, cover: {words}} = view;
  for (let i = 0; i < words.length; i++) if (words[i]) out[i] = words[i];
}
