// What lies in a rectangle of two opposite corners, its edge included (requirement ME5).
import { boxOf } from "./region.js";

/** @type {MeasurementKind} */
export const rectangle = {
  points: 2,
  valued: true,
  outline: ([[left, top], [right, bottom]]) => [
    [
      [left, top],
      [right, top],
      [right, bottom],
      [left, bottom],
      [left, top],
    ],
  ],
  figures: (points, measured) => {
    const box = boxOf(points);
    return measured.region({
      box,
      area: (box.right - box.left) * (box.bottom - box.top),
      spans: () => [[box.left, box.right]],
    });
  },
};
