import { clamp } from "./numbers.js";

export function beside(points, [wide, high], [W, H], taken, gap) { // taken: what they keep apart from, as {x, y, wide, high}
  const [across, down] = [0, 1].map(i => points.map(p => p[i])), [left, right, top, bottom] = [Math.min(...across), Math.max(...across), Math.min(...down), Math.max(...down)];
  const inside = ([x, y]) => [clamp(x, 2, Math.max(2, W - wide - 2)), clamp(y, 2, Math.max(2, H - high - 2))];
  const first = [right + gap, Math.max(...points.filter(p => p[0] === right).map(p => p[1])) + gap / 2];
  const above = top - high - gap, below = bottom + gap, before = left - wide - gap;
  const places = [first, [right + gap, top], [right + gap, bottom - high], [left, below], [left, above], [right - wide, below], [right - wide, above], [before, top], [before, bottom - high], ...taken.map(t => [first[0], t.y + t.high])];
  const kept = [...taken, {x: left - gap / 2, y: top - gap / 2, wide: right - left + gap, high: bottom - top + gap}]; // the figure itself too
  const covered = ([x, y]) => kept.reduce((sum, t) => sum + Math.max(0, Math.min(x + wide, t.x + t.wide) - Math.max(x, t.x)) * Math.max(0, Math.min(y + high, t.y + t.high) - Math.max(y, t.y)), 0);
  let best = null, least = [Infinity, Infinity];
  for (const place of places.map(inside)) {
    const cost = [covered(place), (place[0] - first[0]) ** 2 + (place[1] - first[1]) ** 2];
    if (cost[0] < least[0] || (cost[0] === least[0] && cost[1] < least[1])) [best, least] = [place, cost];
  }
  return best;
}

export function linkOf(points, {x, y, wide, high}, gap) { // from a figure to words that lie farther away; null where they are near
  const ends = [[x, wide], [y, high]].map(([from, size], i) => {
    const along = points.map(p => p[i]), [low, most] = [Math.min(...along), Math.max(...along)];
    if (most < from) return [most, from];
    if (low > from + size) return [low, from + size];
    return Array(2).fill((Math.max(low, from) + Math.min(most, from + size)) / 2);
  });
  const [[fx, tx], [fy, ty]] = ends;
  return (tx - fx) ** 2 + (ty - fy) ** 2 > (2 * gap) ** 2 ? [[fx, fy], [tx, ty]] : null;
}
