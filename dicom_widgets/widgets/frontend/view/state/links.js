// Links: what the hand does on one view is done on others in the same frame of the screen. Only the hand leads: what a
// view takes over, or hears from the kernel, it does not pass on. Each tells the kernel by its own `settle`.
import { stackAt } from "../../core/dimensions.js";
import { axesOf, fromScreen, toScreen } from "../../core/geometry/axes.js";
import { dot, isParallel, middleOf, pixelOf, planeAt, pointOf } from "../../core/geometry/planes.js";
import { clamp } from "../../core/numbers.js";
import { isImage } from "../../core/picture.js";
import { TRUE } from "../../core/true_size.js";
import { retrace } from "./reference_lines.js";

/** What can be linked: in words, and what that does. @type {Record<string, [label: string, title: string]>} */
export const LINKS = {
  scroll: [
    "Scroll",
    "Scroll together: to the nearest slice where both lie parallel in one Frame of Reference, else by as many slices",
  ],
  window: ["Window", "One window for all images of a modality"],
  zoom: [
    "Zoom and pan",
    "The same place at the same scale where both lie parallel in one Frame of Reference, else the same factor",
  ],
};

/**
 * The groups of `dw.link`, and the viewers in which a view is linked.
 * @type {(s: Surface, kind: string) => string[]}
 */
function groupsOf(s, kind) {
  const own = s.model.get("link")?.[kind];
  const cells = [...s.views].flatMap((v) => (v.cells?.links().includes(kind) ? [v.cells.uid] : []));
  return own ? [own, ...cells] : cells;
}

/** The views that follow. @type {(s: Surface, kind: string) => Surface[]} */
function partners(s, kind) {
  const groups = groupsOf(s, kind);
  if (!groups.length) return [];
  const follows = (/** @type {Surface} */ t) =>
    t !== s && t.views.size > 0 && t.sizes.length > 0 && groupsOf(t, kind).some((g) => groups.includes(g));
  return [...s.shared.surfaces.values()].filter(follows);
}

/**
 * Returns how two views lie: parallel, across (in one Frame of Reference, in another direction), or unknown.
 * @type {(s: Surface, t: Surface, at?: number) => "parallel" | "across" | "unknown"}
 */
function relation(s, t, at = s.index) {
  const [here, there] = [planeAt(s.places, at), planeAt(t.places, t.index)];
  if (!here || !there || here.space !== there.space) return "unknown";
  return isParallel(here, there) ? "parallel" : "across";
}

/**
 * Hands a change on to the views that are linked.
 * @param {Surface} s
 * @param {{index: number, look?: Look}} before
 * @param {Partial<Surface>} changes
 */
export function lead(s, before, changes) {
  if ("index" in changes) {
    for (const t of partners(s, "scroll")) takeOver(s, t, { index: indexFor(s, t, before.index) });
    retrace(s);
  }
  const { window } = s.look;
  if ("look" in changes && window !== before.look?.window && !(window && "lut" in window)) {
    for (const t of partners(s, "window")) {
      if (t.modality === s.modality) takeOver(s, t, { look: { ...t.look, window }, difference: s.difference });
    }
  }
  if ("zoom" in changes || "pan" in changes) for (const t of partners(s, "zoom")) takeOver(s, t, zoomFor(s, t));
}

/** @type {(s: Surface, t: Surface, changes: Partial<Surface>) => void} */
function takeOver(s, t, changes) {
  Object.assign(t, changes);
  t.moving ||= s.moving;
  t.paint();
  t.soon();
}

/**
 * Returns the frame of `t` that belongs to what `s` shows.
 * @type {(s: Surface, t: Surface, before: number) => number}
 */
function indexFor(s, t, before) {
  const how = relation(s, t, before);
  if (how === "across") return t.index; // its reference lines say where it is
  const [here, now] = [planeAt(s.places, s.index), planeAt(t.places, t.index)];
  if (how === "unknown" || !here || !now) return clamp(t.index + s.index - before, 0, t.sizes.length - 1);
  const point = middleOf(here);
  let best = t.index;
  let least = [Infinity, 0];
  t.places?.at.forEach((_, i) => {
    const plane = planeAt(t.places, i);
    if (!plane || plane.space !== now.space || !isParallel(plane, now)) return;
    const distance = Math.abs(dot(plane.normal, point) - dot(plane.normal, plane.position));
    const off = [Math.round(1000 * distance), stepsTo(t, i)]; // in micrometres
    if (off[0] < least[0] || (off[0] === least[0] && off[1] < least[1])) [best, least] = [i, off];
  });
  return best;
}

/**
 * How many steps a frame lies away on the other axes than that of the slices.
 * @type {(t: Surface, i: number) => number}
 */
function stepsTo(t, i) {
  const stack = stackAt(t.dims, t.index);
  if (!stack || i < stack.from || i >= stack.from + stack.axes[0].values.length) return Math.abs(i - t.index);
  const apart = (/** @type {{values: number[]}} */ { values }) =>
    Math.abs(values[i - stack.from] - values[t.index - stack.from]);
  return stack.axes.slice(0, -1).reduce((n, axis) => n + apart(axis), 0);
}

/** Returns zoom and pan of `t` that belong to those of `s`. @type {(s: Surface, t: Surface) => Partial<Surface>} */
function zoomFor(s, t) {
  const [[from], [to]] = [s.views, t.views].map((views) => [...views]);
  const [a, b] = [s.picture, t.picture];
  if (s.zoom === null) return { zoom: null, pan: [0, 0] };
  if (!isImage(a) || !isImage(b)) return { zoom: t.zoom, pan: t.pan };
  const sizeOf = (/** @type {View} */ { canvas }) => /** @type {[number, number]} */ ([canvas.width, canvas.height]);
  const [[W, H], [w, h]] = [sizeOf(from), sizeOf(to)];
  const [here, there] = [planeAt(s.places, s.index), planeAt(t.places, t.index)];
  if (relation(s, t) !== "parallel" || !here || !there) {
    const fit = (/** @type {Surface} */ { look, pitch }, /** @type {Picture} */ picture, /** @type {View} */ view) =>
      axesOf(picture, { look, zoom: null, pan: [0, 0], pitch }, ...sizeOf(view)).zoom;
    const zoom = s.zoom === TRUE ? TRUE : (s.zoom / fit(s, a, from)) * fit(t, b, to); // the same factor of "fit"
    return { zoom, pan: [(s.pan[0] * w) / W, (s.pan[1] * h) / H] }; // moved by the same share of the view
  }
  const zoom = s.zoom === TRUE ? TRUE : (s.zoom * there.across) / here.across;
  const middle = fromScreen(a, axesOf(a, s, W, H))([W / 2, H / 2]); // what is seen there comes to the middle
  const point = pixelOf(there, pointOf(here, middle[0] - 0.5, middle[1] - 0.5)).map((c) => c + 0.5);
  const at = toScreen(b, axesOf(b, { look: t.look, zoom, pan: [0, 0], pitch: t.pitch }, w, h))(point);
  return { zoom, pan: [w / 2 - at[0], h / 2 - at[1]] };
}

/** Says how the others scroll along. @param {Surface} s */
export function linkText(s) {
  const how = new Set(partners(s, "scroll").map((t) => relation(s, t)));
  const words = [...(how.has("parallel") ? ["by position"] : []), ...(how.has("unknown") ? ["by number"] : [])];
  return words.length ? `Linked ${words.join(" and ")}` : "";
}
