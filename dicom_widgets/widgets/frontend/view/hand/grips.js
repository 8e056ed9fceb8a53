// What a press takes up, whatever the tool: a measurement by its line, its points by their handles, its words, which
// then stay where they are put, and the cut of another view by its ends.
import { fromScreen, toScreen } from "../../core/geometry/axes.js";
import { outlineOf } from "../../core/measurements/kinds.js";
import { clamp } from "../../core/numbers.js";
import { isMeasured } from "../../core/picture.js";
import { rested, within } from "../state/measurements.js";
import { cutsOn, endsOfCut } from "../state/pullback_cut.js";
import { axesIn } from "../state/zooming.js";

/** CSS pixels within which something is taken up. */
const NEAR = 8;

/**
 * Returns what a press would take up.
 * @param {Surface} s
 * @param {View} view
 * @param {Picture} picture
 * @param {Point} screen
 * @param {number} dpr device pixels for each CSS pixel; more for a finger, which is thicker
 * @returns {Grip | null}
 */
export function gripAt(s, view, picture, screen, dpr) {
  if (s.draft || s.tool === "magnifier") return null;
  const axes = axesIn(s, view, picture);
  const place = toScreen(picture, axes);
  const marks = isMeasured(picture) ? s.shared.marks.on(picture) : [];
  const near = NEAR * dpr;
  return (
    handleAt(marks, place, screen, near) ??
    lineAt(marks, place, screen, near) ??
    wordsAt(marks, view, screen, fromScreen(picture, axes)) ??
    cutAt(s, picture, place, screen, near)
  );
}

/** @type {(marks: Measurement[], place: (p: Point) => Point, screen: Point, near: number) => Grip | null} */
function handleAt(marks, place, screen, near) {
  /** @type {Grip | null} */
  let best = null;
  let least = near;
  for (const mark of marks) {
    mark.points.forEach((p, index) => {
      const d = gap(place(p), screen);
      if (d < least) [best, least] = [{ mark, index }, d];
    });
  }
  return best;
}

/** @type {(a: Point, b: Point) => number} */
const gap = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

/** @type {(marks: Measurement[], place: (p: Point) => Point, screen: Point, near: number) => Grip | null} */
function lineAt(marks, place, screen, near) {
  /** @type {Grip | null} */
  let best = null;
  let least = near;
  for (const mark of marks) {
    for (const line of outlineOf(mark)) {
      const far = distanceTo(line.map(place), screen);
      if (far < least) [best, least] = [{ mark, index: null }, far];
    }
  }
  return best;
}

/** @type {(line: Point[], point: Point) => number} */
function distanceTo(line, point) {
  let least = Infinity;
  for (let i = 1; i < line.length; i++) {
    const [a, b] = [line[i - 1], line[i]];
    const d = [b[0] - a[0], b[1] - a[1]];
    const long = d[0] ** 2 + d[1] ** 2;
    const t = long ? clamp(((point[0] - a[0]) * d[0] + (point[1] - a[1]) * d[1]) / long, 0, 1) : 0;
    least = Math.min(least, gap([a[0] + t * d[0], a[1] + t * d[1]], point));
  }
  return least;
}

/** @type {(marks: Measurement[], view: View, screen: Point, toImage: (p: Point) => Point) => Grip | null} */
function wordsAt(marks, { written }, [x, y], toImage) {
  const mark = marks.findLast(({ uid }) => {
    const box = written.get(uid);
    return box && x >= box.x && x <= box.x + box.wide && y >= box.y && y <= box.y + box.high;
  });
  const box = mark && written.get(mark.uid);
  return box ? { mark, index: null, text: toImage([box.x, box.y]) } : null;
}

/** @type {(s: Surface, picture: Picture, place: (p: Point) => Point, screen: Point, near: number) => Grip | null} */
function cutAt(s, picture, place, screen, near) {
  const found = cutsOn(s, picture).find((cut) => endsOfCut(cut, picture).some((p) => gap(place(p), screen) < near));
  return found ? { cut: found } : null;
}

/** Moves what was taken up of a measurement: one of its points, its words, or all of it. @type {Drag} */
export const GRAB = {
  click: true,
  down: ({ s, image, grabbed }) => {
    s.selected = grabbed?.mark?.uid ?? "";
    s.views.forEach((v) => v.update());
    s.paint();
    return { ...grabbed, image };
  },
  move: ({ s, picture, image, start: { mark, index, text, image: from } }) => {
    if (!image || !picture) return;
    const by = [image[0] - from[0], image[1] - from[1]];
    if (text) s.shared.marks.put({ ...mark, text_at: [text[0] + by[0], text[1] + by[1]] }, mark.figures);
    else if (index === null) s.shared.marks.put(movedBy(mark, picture, by));
    else {
      const points = mark.points.map((/** @type {Point} */ p, /** @type {number} */ i) =>
        i === index ? within([p[0] + by[0], p[1] + by[1]], picture) : p,
      );
      s.shared.marks.put({ ...mark, points });
    }
  },
  up: ({ s, start: { mark } }) => {
    const now = s.shared.marks.all.get(mark.uid);
    const where = (/** @type {Measurement} */ m) => JSON.stringify([m.points, m.text_at ?? null]);
    if (now && where(now) !== where(mark)) s.shared.marks.keep(mark.uid, mark);
    rested(s);
  },
  drop: ({ s, start }) => {
    s.shared.marks.put(start.mark);
    rested(s);
  },
};

/**
 * All of a measurement, within the image.
 * @type {(mark: Measurement, picture: Picture, by: number[]) => Measurement}
 */
function movedBy(mark, { columns, rows }, by) {
  const [dx, dy] = [columns, rows].map((size, i) => {
    const along = mark.points.map((p) => p[i]);
    return clamp(by[i], -Math.min(...along), size - Math.max(...along));
  });
  const points = mark.points.map(([x, y]) => [x + dx, y + dy]);
  return { ...mark, points, text_at: mark.text_at ? [mark.text_at[0] + dx, mark.text_at[1] + dy] : mark.text_at };
}

/** Turns a cut by one of its ends. @type {Drag} */
export const TURN = {
  down: ({ grabbed }) => ({ cut: grabbed?.cut, index: grabbed?.cut?.index }),
  move: ({ picture, image, start }) => {
    if (!image || !picture) return;
    const angle = (Math.atan2(image[0] - picture.columns / 2, picture.rows / 2 - image[1]) * 180) / Math.PI;
    const count = start.cut.sizes.length;
    start.cut.scroll((Math.round(angle) + 2 * count) % count);
  },
  drop: ({ start }) => start.cut.scroll(start.index),
};

/**
 * Takes the keyboard's cursor from handle to handle, and selects what it stands on.
 * @type {(s: Surface, view: View) => void}
 */
export function nextHandle(s, view) {
  const { picture } = view;
  if (!isMeasured(picture)) return;
  const place = toScreen(picture, axesIn(s, view, picture));
  const marks = s.shared.marks.on(picture);
  const cuts = cutsOn(s, picture).map((cut) => ({ uid: "", points: endsOfCut(cut, picture) }));
  const handles = [...marks, ...cuts].flatMap(({ uid, points }) => {
    const words = view.written.get(uid);
    const spots = [...points.map(place), ...(words ? [[words.x + 1, words.y + 1]] : [])];
    return spots.map((at, i) => ({ name: `${uid}/${i}`, uid, at }));
  });
  if (!handles.length) return;
  const next = handles[(handles.findIndex((h) => h.name === view.handle) + 1) % handles.length];
  [view.handle, s.selected] = [next.name, next.uid];
  view.stand(next.at);
  s.views.forEach((v) => v.update());
  s.paint();
}
