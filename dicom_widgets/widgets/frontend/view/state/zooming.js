// Zooming.
import { axesOf } from "../../core/geometry/axes.js";
import { clamp } from "../../core/numbers.js";
import { isImage } from "../../core/picture.js";
import { TRUE, trueSize } from "../../core/true_size.js";

/** @type {(s: Surface, view: View, picture: Picture) => Axes} */
export const axesIn = (s, { canvas }, picture) => axesOf(picture, s, canvas.width, canvas.height);

/**
 * Zooms by a factor about a point of the screen, which stays where it is, or is moved by so many pixels.
 * @param {Surface} s
 * @param {View} view
 * @param {Picture} picture
 * @param {number} factor
 * @param {Point} [point] in device pixels; without it the middle
 * @param {Point} [by]
 */
export function zoomAt(s, view, picture, factor, point, by = [0, 0]) {
  const { x, y, zoom } = axesIn(s, view, picture);
  const next = clamp(zoom * factor, 0.02, 64);
  const f = next / zoom;
  const [px, py] = point ?? [view.canvas.width / 2, view.canvas.height / 2];
  const keep = (/** @type {number} */ p, /** @type {Axis} */ { anchor }, /** @type {number} */ pan) =>
    (p - anchor) * (1 - f) + pan * f;
  s.change({ zoom: next, pan: [keep(px, x, s.pan[0]) + by[0], keep(py, y, s.pan[1]) + by[1]] });
}

/** To true size, and back to "fit". @type {(s: Surface, view: View) => void} */
export function toTrueSize(s, view) {
  const { picture } = view;
  if (!isImage(picture)) return;
  const found = trueSize(picture, s.pitch);
  if (s.zoom === TRUE) {
    s.fit();
  } else if (found.zoom === null && !trueSize(picture, 1).zoom) {
    s.note = found.why; // nothing that the user could calibrate
    s.paint();
  } else {
    s.act({ zoom: TRUE, pan: [0, 0] });
    if (found.zoom === null) view.calibrate(true);
  }
}
