import { lying, lyingSide, orientationOf } from "./orientation.js";
import { isTrue, trueSize } from "../true_size.js";

export function axesOf(picture, view, W, H) { // view: {look, zoom, pan, pitch}
  const {columns, rows, strideX, strideY, aspect} = picture, {turns, flip} = orientationOf(picture, view.look);
  const odd = turns % 2 === 1, [n, m] = odd ? [rows, columns] : [columns, rows], [across, down] = odd ? [aspect, 1] : [1, aspect];
  let left = 0, top = 0, right = n, bottom = m; // what "fit" shows: the displayed area of a presentation state
  const side = picture.home?.side ? lyingSide(picture.home.side, turns, flip) : "", [wide, high] = picture.home?.extent ?? [0, 0];
  if (picture.home?.area) {
    const [l, t, r, b] = picture.home.area, place = lying(picture, {turns, flip}), p = place([l, t]), q = place([r, b]);
    [left, right, top, bottom] = [Math.min(p[0], q[0]), Math.max(p[0], q[0]), Math.min(p[1], q[1]), Math.max(p[1], q[1])];
  }
  const given = isTrue(view, picture) ? trueSize(picture, view.pitch).zoom : view.zoom;
  const zoom = given ?? (picture.home?.magnification || Math.min(W / Math.max((right - left) * across, wide), H / Math.max((bottom - top) * down, high)));
  const axis = (count, unit, ends, size, moved, stride, back, sides) => {
    const at = side ? sides.indexOf(side) : -1, [held, anchor] = at < 0 ? [(ends[0] + ends[1]) / 2, size / 2] : [ends[at], at * size]; // what is held where
    return {count, scale: zoom * unit, start: anchor - held * (zoom * unit) + moved, size, stride, back, anchor};
  };
  return {
    zoom, turns, flip,
    x: axis(n, across, [left, right], W, view.pan[0], odd ? strideY : strideX, (turns === 1 || turns === 2) !== flip, ["left", "right"]),
    y: axis(m, down, [top, bottom], H, view.pan[1], odd ? strideX : strideY, turns === 2 || turns === 3, ["top", "bottom"]),
  };
}

export function toScreen(picture, axes) { // image coordinates (0, 0 is the outer corner) -> screen
  const place = lying(picture, axes);
  return point => {
    const [u, v] = place(point);
    return [axes.x.start + u * axes.x.scale, axes.y.start + v * axes.y.scale];
  };
}

export function fromScreen(picture, axes) { // the way back
  const odd = axes.turns % 2 === 1;
  return ([x, y]) => {
    let u = (x - axes.x.start) / axes.x.scale, v = (y - axes.y.start) / axes.y.scale;
    let [w, h] = odd ? [picture.rows, picture.columns] : [picture.columns, picture.rows];
    if (axes.flip) u = w - u;
    for (let i = 0; i < axes.turns; i++) [u, v, w, h] = [v, w - u, h, w];
    return [u, v];
  };
}
