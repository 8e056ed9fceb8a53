// Where another image's plane crosses an image (requirement GE6): the twin of display/graphics/reference_lines.py.
import { dot, isParallel, pixelOf, pointOf } from "./planes.js";

/**
 * Returns the line on which the area of `there` meets the plane of `here`.
 * @param {FramePlane} here
 * @param {FramePlane} there
 * @returns {Point[] | null} two points (column, row) of `here`; null where they are parallel or do not meet
 */
export function referenceLine(here, there) {
  if (here.space !== there.space || isParallel(here, there)) return null;
  const [right, bottom] = [there.columns - 0.5, there.rows - 0.5];
  const outer = [
    [-0.5, -0.5],
    [right, -0.5],
    [right, bottom],
    [-0.5, bottom],
  ];
  const corners = outer.map(([x, y]) => pointOf(there, x, y));
  const distance = dot(here.normal, here.position);
  const sides = corners.map((c) => dot(here.normal, c) - distance);
  const ends = [];
  for (let i = 0; i < 4; i++) {
    const j = (i + 1) % 4;
    const [a, b] = [sides[i], sides[j]];
    if (a < 0 !== b < 0) ends.push(corners[i].map((c, k) => c + (corners[j][k] - c) * (a / (a - b))));
  }
  return ends.length === 2 ? ends.map((e) => pixelOf(here, e)) : null;
}
