// Where the words of a figure lie: beside it, inside of the view, apart from other words where there is room. The twin
// of display/graphics/label_placement.py. All of it in device pixels.
import { clamp } from "./numbers.js";

/** @type {(a: Box, b: Box) => number} The area that two boxes have in common. */
const common = (a, b) =>
  Math.max(0, Math.min(a.x + a.wide, b.x + b.wide) - Math.max(a.x, b.x)) *
  Math.max(0, Math.min(a.y + a.high, b.y + b.high) - Math.max(a.y, b.y));

/**
 * Returns the left top corner of the words: of some places around the figure, and of those under other words, the one
 * that covers least; of those that cover the same, the nearest to the first one.
 * @param {Point[]} points the figure
 * @param {number[]} size width and height of the words
 * @param {number[]} room width and height of the view
 * @param {Box[]} taken what is there already
 * @param {number} gap between figure and words
 * @returns {Point}
 */
export function placeLabel(points, [wide, high], [W, H], taken, gap) {
  const [across, down] = [0, 1].map((i) => points.map((p) => p[i]));
  const [left, right, top, bottom] = [Math.min(...across), Math.max(...across), Math.min(...down), Math.max(...down)];
  const lowest = Math.max(...points.filter((p) => p[0] === right).map((p) => p[1]));
  const first = [right + gap, lowest + gap / 2];
  const [above, below, before] = [top - high - gap, bottom + gap, left - wide - gap];
  const candidates = [
    first,
    ...[top, bottom - high].map((y) => [right + gap, y]),
    ...[left, right - wide].flatMap((x) => [below, above].map((y) => [x, y])),
    ...[top, bottom - high].map((y) => [before, y]),
    ...taken.map((t) => [first[0], t.y + t.high]),
  ];
  const figure = { x: left - gap / 2, y: top - gap / 2, wide: right - left + gap, high: bottom - top + gap };
  const kept = [...taken, figure]; // the words keep apart from the figure itself too
  let best = first;
  let least = [Infinity, Infinity];
  for (const at of candidates) {
    const x = clamp(at[0], 2, Math.max(2, W - wide - 2));
    const y = clamp(at[1], 2, Math.max(2, H - high - 2));
    const covered = kept.reduce((sum, t) => sum + common({ x, y, wide, high }, t), 0);
    const cost = [covered, (x - first[0]) ** 2 + (y - first[1]) ** 2];
    if (cost[0] < least[0] || (cost[0] === least[0] && cost[1] < least[1])) [best, least] = [[x, y], cost];
  }
  return best;
}

/**
 * Returns the line from a figure to words that lie farther away than two gaps; null where they are near.
 * @param {Point[]} points
 * @param {Box} box
 * @param {number} gap
 */
export function labelLink(points, { x, y, wide, high }, gap) {
  const spans = [
    [x, wide],
    [y, high],
  ];
  const [[fx, tx], [fy, ty]] = spans.map(([from, size], i) => {
    const values = points.map((p) => p[i]);
    const [low, most] = [Math.min(...values), Math.max(...values)];
    if (most < from) return [most, from];
    if (low > from + size) return [low, from + size];
    return Array(2).fill((Math.max(low, from) + Math.min(most, from + size)) / 2);
  });
  const far = (tx - fx) ** 2 + (ty - fy) ** 2 > (2 * gap) ** 2;
  return far
    ? [
        [fx, fy],
        [tx, ty],
      ]
    : null;
}
