// From image coordinates to those of the screen, and back: one axis of the screen is start + u * scale for the border
// u of an image pixel. The twin of `axes` in display/picture/resample.py.
import { isTrue, trueSize } from "../true_size.js";
import { lying, lyingSide, orientationOf } from "./orientation.js";

/**
 * Returns what "fit" shows, in pixels of the image as it lies: a displayed area, or all of the image.
 * @param {Picture} picture
 * @param {{turns: number, flip: boolean}} orientation
 * @returns {number[]} left, top, right and bottom
 */
function shownArea(picture, orientation) {
  const { columns, rows } = picture;
  if (!picture.home?.area) return orientation.turns % 2 === 1 ? [0, 0, rows, columns] : [0, 0, columns, rows];
  const [l, t, r, b] = picture.home.area;
  const at = lying(picture, orientation);
  const [p, q] = [at([l, t]), at([r, b])];
  return [Math.min(p[0], q[0]), Math.min(p[1], q[1]), Math.max(p[0], q[0]), Math.max(p[1], q[1])];
}

/**
 * Returns the axes of a view of `width` by `height` device pixels.
 * @param {Picture} picture
 * @param {Geometry} view
 * @param {number} width
 * @param {number} height
 * @returns {Axes}
 */
export function axesOf(picture, view, width, height) {
  const { columns, rows, strideX, strideY, aspect, home } = picture;
  const orientation = orientationOf(picture, view.look);
  const { turns, flip } = orientation;
  const odd = turns % 2 === 1;
  const [across, down] = odd ? [aspect, 1] : [1, aspect];
  const [left, top, right, bottom] = shownArea(picture, orientation);
  const side = home?.side ? lyingSide(home.side, turns, flip) : "";
  const [wide, high] = home?.extent ?? [0, 0];
  const fit = Math.min(width / Math.max((right - left) * across, wide), height / Math.max((bottom - top) * down, high));
  const given = isTrue(view, picture) ? trueSize(picture, view.pitch).zoom : /** @type {number | null} */ (view.zoom);
  const zoom = given ?? (home?.magnification || fit);
  /** @type {(n: number, unit: number, ends: number[], sides: Side[], on: number[], read: [number, boolean]) => Axis} */
  const axis = (count, unit, ends, sides, [size, moved], [stride, back]) => {
    const at = sides.indexOf(/** @type {Side} */ (side)); // what is held where: an edge at an edge, or the middle
    const [held, anchor] = at < 0 ? [(ends[0] + ends[1]) / 2, size / 2] : [ends[at], at * size];
    return { count, scale: zoom * unit, start: anchor - held * (zoom * unit) + moved, size, stride, back, anchor };
  };
  const [n, m] = odd ? [rows, columns] : [columns, rows];
  const backX = (turns === 1 || turns === 2) !== flip;
  const backY = turns === 2 || turns === 3;
  const [x, y] = odd ? [strideY, strideX] : [strideX, strideY];
  return {
    zoom,
    turns,
    flip,
    x: axis(n, across, [left, right], ["left", "right"], [width, view.pan[0]], [x, backX]),
    y: axis(m, down, [top, bottom], ["top", "bottom"], [height, view.pan[1]], [y, backY]),
  };
}

/**
 * Returns what takes image coordinates, where 0, 0 is the outer corner, to the screen.
 * @param {Picture} picture
 * @param {Axes} axes
 * @returns {(point: Point) => Point}
 */
export function toScreen(picture, axes) {
  const at = lying(picture, axes);
  return (point) => {
    const [u, v] = at(point);
    return [axes.x.start + u * axes.x.scale, axes.y.start + v * axes.y.scale];
  };
}

/**
 * Returns what takes a point of the screen to image coordinates.
 * @param {Picture} picture
 * @param {Axes} axes
 * @returns {(point: Point) => Point}
 */
export function fromScreen(picture, axes) {
  const odd = axes.turns % 2 === 1;
  return ([x, y]) => {
    let u = (x - axes.x.start) / axes.x.scale;
    let v = (y - axes.y.start) / axes.y.scale;
    let [w, h] = odd ? [picture.rows, picture.columns] : [picture.columns, picture.rows];
    if (axes.flip) u = w - u;
    for (let i = 0; i < axes.turns; i++) [u, v, w, h] = [v, w - u, h, w];
    return [u, v];
  };
}
