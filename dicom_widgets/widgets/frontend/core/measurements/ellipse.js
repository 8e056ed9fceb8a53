// What lies in the ellipse that fills the rectangle of two opposite corners (requirement ME5).
import { boxOf } from "./region.js";

/** @type {MeasurementKind} */
export const ellipse = {
  points: 2,
  valued: true,
  outline: ([[left, top], [right, bottom]]) => {
    const [x, y, wide, high] = [(left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2];
    const angles = Array.from({ length: 65 }, (_, i) => (2 * Math.PI * i) / 64);
    return [angles.map((t) => [x + wide * Math.cos(t), y + high * Math.sin(t)])];
  },
  figures: (points, measured) => {
    const [a, b] = points;
    const box = boxOf(points);
    const [cx, cy] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    const [rx, ry] = [Math.abs(a[0] - b[0]) / 2, Math.abs(a[1] - b[1]) / 2];
    return measured.region({
      box,
      area: (Math.PI / 4) * (box.right - box.left) * (box.bottom - box.top),
      spans: (y) => {
        const v = ((y - cy) / ry) ** 2;
        const isIn = (/** @type {number} */ x) => ((x - cx) / rx) ** 2 + v <= 1;
        let [from, to] = [Math.ceil(box.left), Math.floor(box.right)];
        while (from <= to && !isIn(from)) from++;
        while (to >= from && !isIn(to)) to--;
        return [[from, to]];
      },
    });
  },
};
