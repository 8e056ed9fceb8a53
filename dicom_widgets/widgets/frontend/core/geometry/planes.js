const PARALLEL = Math.cos(Math.PI / 180);

export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

const normalOf = ({row: [a, b, c], column: [d, e, f]}) => [b * f - c * e, c * d - a * f, a * e - b * d];

const along3 = (p, ...steps) => p.map((c, i) => steps.reduce((sum, [by, vector]) => sum + by * vector[i], c));

export function placeOf(s, index = s.index) { // null where a frame has no place in the patient
  const at = s.places?.at[index];
  if (!at) return null;
  const grid = s.places.grids[at[0]], [down, across, rows, columns, space] = grid.slice(6);
  const place = {row: grid.slice(0, 3), column: grid.slice(3, 6), down, across, rows, columns, space, position: at.slice(1)};
  return {...place, normal: normalOf(place)};
}

export const isParallel = (a, b) => Math.abs(dot(a.normal, b.normal)) > PARALLEL;

export const pointOf = ({position, row, column, down, across}, x, y) => along3(position, [x * across, row], [y * down, column]); // from 0 at the centre of the first pixel

export const pixelOf = ({position, row, column, down, across}, point) => {
  const offset = point.map((c, i) => c - position[i]);
  return [dot(offset, row) / across, dot(offset, column) / down];
};

export const middleOf = place => pointOf(place, (place.columns - 1) / 2, (place.rows - 1) / 2);
