// Where the image of the view that was touched last crosses another one: the twin of display/crossing.py (GE6).
// s.places: {grids: [[row, column, down, across, rows, columns, space]], at: [[grid, x, y, z] or null]}, see widgets/places.py.
const PARALLEL = Math.cos(Math.PI / 180);
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const normalOf = ({row: [a, b, c], column: [d, e, f]}) => [b * f - c * e, c * d - a * f, a * e - b * d];
const along3 = (p, ...steps) => p.map((c, i) => steps.reduce((sum, [by, vector]) => sum + by * vector[i], c));

function placeOf(s, index = s.index) { // null where a frame has no place in the patient
  const at = s.places?.at[index];
  if (!at) return null;
  const grid = s.places.grids[at[0]], [down, across, rows, columns, space] = grid.slice(6);
  const place = {row: grid.slice(0, 3), column: grid.slice(3, 6), down, across, rows, columns, space, position: at.slice(1)};
  return {...place, normal: normalOf(place)};
}

const isParallel = (a, b) => Math.abs(dot(a.normal, b.normal)) > PARALLEL;
const pointOf = ({position, row, column, down, across}, x, y) => along3(position, [x * across, row], [y * down, column]); // from 0 at the centre of the first pixel
const pixelOf = ({position, row, column, down, across}, point) => {
  const offset = point.map((c, i) => c - position[i]);
  return [dot(offset, row) / across, dot(offset, column) / down];
};
const middleOf = place => pointOf(place, (place.columns - 1) / 2, (place.rows - 1) / 2);

function crossing(here, there) { // two points (column, row) of `here`, or null
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

function endsOf(s, place) { // the first and the last slice of the stack that is shown
  const far = new Map();
  s.places.at.forEach((at, i) => {
    const other = at && placeOf(s, i);
    if (other && other.space === place.space && isParallel(other, place)) far.set(dot(place.normal, middleOf(other)), other);
  });
  const distances = [...far.keys()].sort((a, b) => a - b);
  return distances.length > 1 ? [far.get(distances[0]), far.get(distances.at(-1))] : [];
}

function linesOn(s) { // [[from, to, strength]] in pixels of the image
  const leader = s.shared.leader, here = placeOf(s);
  if (!here || !leader || leader === s || !leader.views.size || s.look.hidden.includes("lines")) return [];
  const there = placeOf(leader);
  if (!there) return [];
  const of = leader.sid + JSON.stringify(there.normal);
  if (leader.ends?.of !== of) leader.ends = {of, found: endsOf(leader, there)};
  const lines = [...leader.ends.found.map(place => [place, 0.45]), [there, 1]];
  return lines.flatMap(([place, strength]) => { const ends = crossing(here, place); return ends ? [[...ends, strength]] : []; });
}

// Words for the switch, where another view of the page lies across this one.
function lineSwitch(s) {
  const here = placeOf(s), others = here ? [...s.shared.surfaces.values()].filter(t => t !== s && t.views.size) : [];
  const across = others.some(t => { const there = placeOf(t); return there && there.space === here.space && !isParallel(here, there); });
  return across || cutsOf(s, s.picture).length ? {lines: "Reference lines"} : {};
}

function attend(s) { // the view that is touched leads: the others show where it lies
  if (s.shared.leader === s) return;
  s.shared.leader = s;
  for (const t of s.shared.surfaces.values()) t.paint();
}

function retrace(s) { // its lines on others have moved
  const there = s === s.shared.leader && placeOf(s);
  if (!there) return;
  for (const t of s.shared.surfaces.values()) {
    const here = t !== s && t.views.size && placeOf(t);
    if (here && here.space === there.space && !isParallel(here, there)) t.paint();
  }
}

function paintLines({graphics}, s, picture, place) {
  const dpr = window.devicePixelRatio, lines = linesOn(s), g = lines.length ? penOf(graphics) : null;
  graphics.dataset.lines = JSON.stringify(lines);
  for (const [from, to, strength] of lines) {
    g.beginPath();
    g.moveTo(...place(from.map(c => c + 0.5))); // image coordinates begin at the corner of the first pixel
    g.lineTo(...place(to.map(c => c + 0.5)));
    g.globalAlpha = strength;
    for (const [width, color] of [[3, "rgba(0, 0, 0, 0.6)"], [1.25, "#4dd0e1"]]) { g.lineWidth = width * dpr; g.strokeStyle = color; g.stroke(); }
    g.globalAlpha = 1;
  }
}
