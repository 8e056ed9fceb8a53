import { stackAt } from "../../core/dimensions.js";
import { axesOf, fromScreen, toScreen } from "../../core/geometry/axes.js";
import { dot, isParallel, middleOf, pixelOf, placeOf, pointOf } from "../../core/geometry/planes.js";
import { clamp } from "../../core/numbers.js";
import { isImage } from "../../core/picture.js";
import { TRUE } from "../../core/true_size.js";
import { retrace } from "./reference_lines.js";

export const LINKS = {
  scroll: ["Scroll", "Scroll together: to the nearest slice where both lie parallel in one Frame of Reference, else by as many slices"],
  window: ["Window", "One window for all images of a modality"],
  zoom: ["Zoom and pan", "The same place at the same scale where both lie parallel in one Frame of Reference, else the same factor"],
};

function groupsOf(s, kind) { // of `dw.link`, and of the viewers in which it is shown
  const own = s.model.get("link")?.[kind], cells = [...s.views].filter(v => v.cells?.links().includes(kind)).map(v => v.cells.uid);
  return own ? [own, ...cells] : cells;
}

function partners(s, kind) {
  const groups = groupsOf(s, kind);
  if (!groups.length) return [];
  const follows = t => t !== s && t.views.size && t.sizes.length && groupsOf(t, kind).some(g => groups.includes(g));
  return [...s.shared.surfaces.values()].filter(follows);
}

function relation(s, t, at = s.index) { // parallel, across (one Frame of Reference, another direction) or unknown
  const here = placeOf(s, at), there = placeOf(t);
  return !here || !there || here.space !== there.space ? "unknown" : isParallel(here, there) ? "parallel" : "across";
}

export function lead(s, before, changes) { // before: index and window as they were
  if ("index" in changes) {
    for (const t of partners(s, "scroll")) takeOver(s, t, {index: indexFor(s, t, before.index)});
    retrace(s);
  }
  const window = s.look.window;
  if ("look" in changes && window !== before.look.window && !("lut" in (window ?? {}))) {
    for (const t of partners(s, "window")) if (t.modality === s.modality) takeOver(s, t, {look: {...t.look, window}, difference: s.difference});
  }
  if ("zoom" in changes || "pan" in changes) for (const t of partners(s, "zoom")) takeOver(s, t, zoomFor(s, t));
}

function takeOver(s, t, changes) {
  Object.assign(t, changes);
  t.moving ||= s.moving;
  t.paint();
  t.soon();
}

function indexFor(s, t, before) {
  const how = relation(s, t, before);
  if (how === "across") return t.index; // its reference lines say where it is
  if (how === "unknown" || !placeOf(s)) return clamp(t.index + s.index - before, 0, t.sizes.length - 1);
  const point = middleOf(placeOf(s)), now = placeOf(t), stack = stackAt(t);
  const isIn = i => stack && i >= stack.from && i < stack.from + stack.axes[0].values.length;
  const apart = (i, {values}) => Math.abs(values[i - stack.from] - values[t.index - stack.from]);
  const steps = i => (isIn(i) ? stack.axes.slice(0, -1).reduce((n, axis) => n + apart(i, axis), 0) : Math.abs(i - t.index)); // on the other axes
  let best = t.index, least = [Infinity, 0];
  t.places.at.forEach((at, i) => {
    const place = at && placeOf(t, i);
    if (!place || place.space !== now.space || !isParallel(place, now)) return;
    const off = Math.round(1000 * Math.abs(dot(place.normal, point) - dot(place.normal, place.position))), more = steps(i); // in micrometres
    if (off < least[0] || (off === least[0] && more < least[1])) [best, least] = [i, [off, more]];
  });
  return best;
}

function zoomFor(s, t) {
  const [from] = s.views, [to] = t.views, {picture: a} = s, {picture: b} = t;
  if (s.zoom === null || !isImage(a) || !isImage(b)) return {zoom: s.zoom === null ? null : t.zoom, pan: s.zoom === null ? [0, 0] : t.pan};
  const real = s.zoom === TRUE;
  const sizes = ({canvas}) => [canvas.width, canvas.height];
  const fit = ({look, pitch}, picture, view) => axesOf(picture, {look, zoom: null, pan: [0, 0], pitch}, ...sizes(view)).zoom;
  if (relation(s, t) !== "parallel") { // the same factor of "fit", moved by the same share of the view
    const [W, H] = sizes(from), [w, h] = sizes(to);
    return {zoom: real ? TRUE : s.zoom / fit(s, a, from) * fit(t, b, to), pan: [s.pan[0] * w / W, s.pan[1] * h / H]};
  }
  const here = placeOf(s), there = placeOf(t), zoom = real ? TRUE : s.zoom * there.across / here.across;
  const middle = fromScreen(a, axesOf(a, s, ...sizes(from)))(sizes(from).map(n => n / 2)); // what is seen there comes to the middle
  const point = pixelOf(there, pointOf(here, middle[0] - 0.5, middle[1] - 0.5)).map(c => c + 0.5), still = {look: t.look, zoom, pan: [0, 0], pitch: t.pitch};
  const at = toScreen(b, axesOf(b, still, ...sizes(to)))(point);
  return {zoom, pan: sizes(to).map((n, i) => n / 2 - at[i])};
}

export function linkText(s) { // how the others scroll along
  const how = new Set(partners(s, "scroll").map(t => relation(s, t)));
  const words = [...(how.has("parallel") ? ["by position"] : []), ...(how.has("unknown") ? ["by number"] : [])];
  return words.length ? `Linked ${words.join(" and ")}` : "";
}
