// Where frames lie in the patient, from what widgets/frames/frame_positions.py tells of a series.

/** Cosine of the angle up to which planes count as parallel: one degree. */
const PARALLEL = Math.cos(Math.PI / 180);

/** @type {(a: Point, b: Point) => number} */
export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** @type {(row: Point, column: Point) => Point} */
const normalOf = ([a, b, c], [d, e, f]) => [b * f - c * e, c * d - a * f, a * e - b * d];

/** @type {(p: Point, ...steps: [number, Point][]) => Point} */
const moved = (p, ...steps) => p.map((c, i) => steps.reduce((sum, [by, vector]) => sum + by * vector[i], c));

/**
 * Returns where a frame lies in the patient; null where that is not known.
 * @param {FramePositions | null | undefined} positions
 * @param {number} index
 * @returns {FramePlane | null}
 */
export function planeAt(positions, index) {
  const at = positions?.at[index];
  if (!positions || !at) return null;
  const grid = positions.grids[at[0]];
  const [row, column] = /** @type {Point[]} */ ([grid.slice(0, 3), grid.slice(3, 6)]);
  const [down, across, rows, columns] = /** @type {number[]} */ (grid.slice(6, 10));
  const [space] = /** @type {string[]} */ (grid.slice(10));
  return { row, column, normal: normalOf(row, column), position: at.slice(1), down, across, rows, columns, space };
}

/** @type {(a: FramePlane, b: FramePlane) => boolean} */
export const isParallel = (a, b) => Math.abs(dot(a.normal, b.normal)) > PARALLEL;

/** @type {(plane: FramePlane, x: number, y: number) => Point} Of a pixel, counted from 0 at the first one's centre. */
export const pointOf = ({ position, row, column, down, across }, x, y) =>
  moved(position, [x * across, row], [y * down, column]);

/** @type {(plane: FramePlane, point: Point) => Point} The way back, for a point of the plane. */
export const pixelOf = ({ position, row, column, down, across }, point) => {
  const offset = point.map((c, i) => c - position[i]);
  return [dot(offset, row) / across, dot(offset, column) / down];
};

/** @type {(plane: FramePlane) => Point} */
export const middleOf = (plane) => pointOf(plane, (plane.columns - 1) / 2, (plane.rows - 1) / 2);

/**
 * Returns the first and the last slice of the stack that a frame belongs to; nothing where there is one slice.
 * @param {FramePositions} positions
 * @param {FramePlane} plane
 */
export function endsOf(positions, plane) {
  /** @type {Map<number, FramePlane>} */
  const slices = new Map();
  positions.at.forEach((_, i) => {
    const other = planeAt(positions, i);
    if (!other || other.space !== plane.space || !isParallel(other, plane)) return;
    slices.set(dot(plane.normal, middleOf(other)), other);
  });
  const distances = [...slices.keys()].sort((a, b) => a - b);
  const ends = distances.length > 1 ? [distances[0], distances[distances.length - 1]] : [];
  return ends.map((d) => /** @type {FramePlane} */ (slices.get(d)));
}
