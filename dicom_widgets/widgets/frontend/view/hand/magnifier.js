import { axesOf } from "../../core/geometry/axes.js";
import { lutOf } from "../../core/grayscale.js";
import { BLACK } from "../../core/pixels.js";
import { nearest, paintNearest } from "../../core/resampling/nearest.js";
import { touch } from "../../runtime/buffers.js";
import { paintCovers } from "../paint/pixels.js";

const LENS = 160; // CSS pixels

const unlens = ({view}) => { view.lens.hidden = true; };

export const magnifying = {click: true, down: h => lens(h), move: h => lens(h), up: unlens, drop: unlens};

function lens({s, view, picture, screen, dpr}) { // nearest stored values, with the look of the picture
  if (!picture) return;
  const size = Math.round(LENS * dpr), canvas = view.lens, near = [0, 1].map(i => Math.floor(screen[i]) + 0.5);
  const axes = axesOf(picture, s, view.canvas.width, view.canvas.height);
  const enlarged = (axis, at) => ({...axis, scale: 4 * axis.scale, start: size / 2 - 4 * (at - axis.start), size});
  const larger = {...axes, x: enlarged(axes.x, near[0]), y: enlarged(axes.y, near[1])};
  const image = new ImageData(size, size), glass = {out: new Uint32Array(image.data.buffer)}, color = picture.format === "rgb";
  const lut = color ? null : lutOf(picture, {...s.look, window: s.windowOf(picture)}), inverted = color && s.look.invert ? BLACK ^ 0xffffffff : 0;
  paintNearest(touch(picture), picture.base, nearest(larger.x), nearest(larger.y), lut, glass.out, inverted);
  if (picture.covers.length) paintCovers(glass, s, picture, larger, false, "");
  if (canvas.width !== size) canvas.width = canvas.height = size;
  canvas.getContext("2d").putImageData(image, 0, 0);
  [canvas.style.left, canvas.style.top] = screen.map(p => `${p / dpr}px`);
  canvas.hidden = false;
}
