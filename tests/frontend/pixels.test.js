// Tables, resampling, layers and covers: the same bytes as the kernel's.
import assert from "node:assert/strict";
import { test } from "node:test";

import { blend, sampled } from "../../dicom_widgets/widgets/frontend/core/color_overlay.js";
import { coverPixels, plainAxes } from "../../dicom_widgets/widgets/frontend/core/covers.js";
import { axesOf } from "../../dicom_widgets/widgets/frontend/core/geometry/axes.js";
import { lettersOf } from "../../dicom_widgets/widgets/frontend/core/geometry/orientation.js";
import { lutOf } from "../../dicom_widgets/widgets/frontend/core/grayscale.js";
import { BLACK } from "../../dicom_widgets/widgets/frontend/core/pixels.js";
import { nearest, paintNearest } from "../../dicom_widgets/widgets/frontend/core/resampling/nearest.js";
import { mixed, paintMixed, wayOf } from "../../dicom_widgets/widgets/frontend/core/resampling/resample.js";
import { bytes, cases, pictureOf } from "./fixtures.js";

/** Paints a picture as view/paint/pixels.js does. */
function painted(picture, values, view, [H, W]) {
  const out = new Uint32Array(W * H);
  const axes = axesOf(picture, view, W, H);
  const way = wayOf(view, axes);
  const color = picture.format === "rgb";
  const lut = color ? null : lutOf(picture, view.look);
  const invert = color && view.look.invert ? BLACK ^ 0xffffffff : 0;
  if (way !== "nearest" && picture.smooth) paintMixed(mixed(picture, values, axes, way), lut, out, invert);
  else paintNearest(values, 0, nearest(axes.x), nearest(axes.y), lut, out, invert);
  const { x, y } = plainAxes(picture, axes);
  for (const layer of picture.layers) {
    if (view.look.hidden.includes(layer.name)) continue;
    const words = sampled(picture.tables[layer.words], x, y, layer.smooth ? way : "nearest");
    blend(out, words, picture.tables[layer.colors], Math.floor(layer.opacity * 256 + 0.5));
  }
  coverPixels(picture, axes, view.look.hidden, way === "area").forEach((word, i) => {
    if (word) out[i] = word;
  });
  return new Uint8Array(out.buffer);
}

/** Compares bytes, and says where the first other one is. */
function same(found, expected, of) {
  const at = expected.findIndex((byte, i) => byte !== found[i]);
  const said = `byte ${at} is ${found[at]}, not ${expected[at]}: ${JSON.stringify(of)}`;
  assert.ok(at < 0 && found.length === expected.length, said);
}

for (const { name, message, looks } of cases("tables")) {
  test(`the table of ${name}`, () => {
    const { picture } = pictureOf(message);
    for (const { look, lut } of looks) {
      same(new Uint8Array(lutOf(picture, look).buffer), bytes(lut), look);
    }
  });
}

for (const { name, message, views } of cases("screens")) {
  test(`the screen of ${name}`, () => {
    const { picture, values } = pictureOf(message);
    for (const { view, size, rgba, letters } of views) {
      same(painted(picture, values, view, size), bytes(rgba), { ...view, size });
      assert.deepEqual(lettersOf(picture, view), letters);
    }
  });
}
