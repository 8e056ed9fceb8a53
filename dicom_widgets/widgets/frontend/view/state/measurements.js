// What is done to measurements.
import { linesOf } from "../../core/measurements/figures.js";
import { clamp } from "../../core/numbers.js";
import { isMeasured } from "../../core/picture.js";

/** @type {(point: Point, picture: Picture) => Point} */
export const within = ([x, y], { rows, columns }) => [clamp(x, 0, columns), clamp(y, 0, rows)];

/** The hand rests: the kernel is told. @param {Surface} s */
export function rested(s) {
  if (!s.shared.marks.rest()) s.note = "The kernel is gone: run the cell again.";
  s.views.forEach((v) => v.update());
}

/** @type {(s: Surface, uid: string) => void} */
export function removeMark(s, uid) {
  const { marks } = s.shared;
  const mark = marks.all.get(uid);
  if (!mark) return;
  marks.keep(uid, mark);
  marks.remove(uid);
  s.views.forEach((v) => v.update());
}

/** Takes back what the hand did to a measurement last; false where there is nothing. @param {Surface} s */
export function undo(s) {
  const { marks } = s.shared;
  const last = marks.undo();
  if (!last) return false;
  const [uid, before] = last;
  if (before) marks.put(before, before.figures);
  else marks.remove(uid);
  rested(s);
  return true;
}

/** Puts the words of a measurement beside it again. @type {(s: Surface, mark: Measurement) => void} */
export function putBack(s, mark) {
  s.shared.marks.keep(mark.uid, mark);
  s.shared.marks.put({ ...mark, text_at: null }, mark.figures);
  rested(s);
}

/**
 * Draws a measurement that is being made: the points that are not set yet follow the hand.
 * @type {(s: Surface, picture: Picture, image: Point, from: number) => void}
 */
export function drawTo(s, picture, image, from) {
  if (!s.draft) return;
  const { mark } = s.draft;
  const at = within(image, picture);
  s.draft.mark = { ...mark, points: mark.points.map((p, i) => (i < from ? p : at)) };
  s.paint();
}

/** The selected measurement in words, for a screen reader. @param {Surface} s */
export function selectedText(s) {
  const { picture } = s;
  const { marks } = s.shared;
  if (!isMeasured(picture)) return "";
  const mark = marks.on(picture).find((m) => m.uid === s.selected);
  return mark ? [mark.label || mark.kind, ...linesOf(marks.figures(mark, picture))].join(" ") : "";
}
