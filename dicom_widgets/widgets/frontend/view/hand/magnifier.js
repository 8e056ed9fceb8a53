// The magnifier: the picture around the pointer, four times as large, while the button is held.
import { coverPixels } from "../../core/covers.js";
import { nearest, paintNearest } from "../../core/resampling/nearest.js";
import { touch } from "../../runtime/buffers.js";
import { paintOver, toPixels } from "../paint/pixels.js";
import { axesIn } from "../state/zooming.js";

/** CSS pixels. */
const SIZE = 160;

/** @type {(press: Pick<Press, "view">) => void} */
const hide = ({ view }) => {
  view.lens.hidden = true;
};

/** Shows the nearest stored values, with the look of the picture. @type {(press: Press) => void} */
function show({ s, view, picture, screen, dpr }) {
  if (!picture) return;
  const size = Math.round(SIZE * dpr);
  const { lens } = view;
  const axes = axesIn(s, view, picture);
  const enlarged = (/** @type {Axis} */ axis, /** @type {number} */ at) => {
    const start = size / 2 - 4 * (Math.floor(at) + 0.5 - axis.start);
    return { ...axis, scale: 4 * axis.scale, start, size };
  };
  const larger = { ...axes, x: enlarged(axes.x, screen[0]), y: enlarged(axes.y, screen[1]) };
  const image = new ImageData(size, size);
  const out = new Uint32Array(image.data.buffer);
  const { lut, invert } = toPixels(s, picture);
  paintNearest(touch(picture), picture.base, nearest(larger.x), nearest(larger.y), lut, out, invert);
  if (picture.covers.length) paintOver(out, coverPixels(picture, larger, s.look.hidden, false));
  if (lens.width !== size) lens.width = lens.height = size;
  lens.getContext("2d")?.putImageData(image, 0, 0);
  [lens.style.left, lens.style.top] = screen.map((p) => `${p / dpr}px`);
  lens.hidden = false;
}

/** @type {Drag} */
export const magnifying = { click: true, down: show, move: show, up: hide, drop: hide };
