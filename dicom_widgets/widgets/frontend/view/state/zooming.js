import { axesOf } from "../../core/geometry/axes.js";
import { clamp } from "../../core/numbers.js";
import { isImage } from "../../core/picture.js";
import { TRUE, trueSize } from "../../core/true_size.js";

export const zoomOf = (s, {canvas}, picture) => axesOf(picture, s, canvas.width, canvas.height).zoom;

export function zoomAt(s, view, picture, factor, [px, py] = [view.canvas.width / 2, view.canvas.height / 2], [mx, my] = [0, 0]) {
  const {x, y, zoom} = axesOf(picture, s, view.canvas.width, view.canvas.height), next = clamp(zoom * factor, 0.02, 64), f = next / zoom;
  const keep = (p, {anchor}, pan) => (p - anchor) * (1 - f) + pan * f; // the point stays where it is
  s.change({zoom: next, pan: [keep(px, x, s.pan[0]) + mx, keep(py, y, s.pan[1]) + my]});
}

export function toTrueSize(s, view) { // the command: there, and back to "fit"
  const {picture} = view, found = isImage(picture) ? trueSize(picture, s.pitch) : null;
  if (!found) return;
  if (s.zoom === TRUE) return s.fit();
  if (found.zoom === null && !trueSize(picture, 1).zoom) { // nothing that the user could calibrate
    s.note = found.why;
    return s.paint();
  }
  s.act({zoom: TRUE, pan: [0, 0]});
  if (found.zoom === null) view.calibrate(true);
}
