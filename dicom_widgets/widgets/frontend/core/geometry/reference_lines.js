import { dot, isParallel, middleOf, pixelOf, placeOf, pointOf } from "./planes.js";

export function crossing(here, there) { // two points (column, row) of `here`, or null
  if (here.space !== there.space || isParallel(here, there)) return null;
  const {columns, rows} = there, around = [[-0.5, -0.5], [columns - 0.5, -0.5], [columns - 0.5, rows - 0.5], [-0.5, rows - 0.5]];
  const corners = around.map(([x, y]) => pointOf(there, x, y)), distance = dot(here.normal, here.position);
  const sides = corners.map(c => dot(here.normal, c) - distance), ends = [];
  for (let i = 0; i < 4; i++) {
    const j = (i + 1) % 4, [a, b] = [sides[i], sides[j]];
    if (a < 0 !== b < 0) ends.push(corners[i].map((c, k) => c + (corners[j][k] - c) * (a / (a - b))));
  }
  return ends.length === 2 ? ends.map(e => pixelOf(here, e)) : null;
}

export function endsOf(s, place) { // the first and the last slice of the stack that is shown
  const far = new Map();
  s.places.at.forEach((at, i) => {
    const other = at && placeOf(s, i);
    if (other && other.space === place.space && isParallel(other, place)) far.set(dot(place.normal, middleOf(other)), other);
  });
  const distances = [...far.keys()].sort((a, b) => a - b);
  return distances.length > 1 ? [far.get(distances[0]), far.get(distances.at(-1))] : [];
}
