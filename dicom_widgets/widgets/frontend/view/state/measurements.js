import { linesOf } from "../../core/measurements/figures.js";
import { clamp } from "../../core/numbers.js";
import { isMeasured } from "../../core/picture.js";

export const MARKS = "Measurements";

export function rested(s) {
  if (!s.shared.marks.rest()) s.note = "The kernel is gone: run the cell again.";
  s.views.forEach(v => v.update());
}

export function removeMark(s, uid) {
  if (!s.shared.marks.all.has(uid)) return;
  s.shared.marks.keep(uid, s.shared.marks.all.get(uid));
  s.shared.marks.remove(uid);
  s.views.forEach(v => v.update());
}

export function undo(s) { // what the hand did to a measurement last; false where there is nothing
  const [uid, before] = s.shared.marks.undo() ?? [];
  if (!uid) return false;
  if (before) s.shared.marks.put(before, before.figures); else s.shared.marks.remove(uid);
  rested(s);
  return true;
}

export function putBack(s, mark) { // its words, beside it
  s.shared.marks.keep(mark.uid, mark);
  s.shared.marks.put({...mark, text_at: null}, mark.figures);
  rested(s);
}

export function selectedText(s) { // the selected measurement, for a screen reader
  const {picture} = s, {marks} = s.shared, mark = isMeasured(picture) ? marks.on(picture).find(m => m.uid === s.selected) : null;
  return mark ? [mark.label || mark.kind, ...linesOf(marks.figures(mark, picture))].join(" ") : "";
}

export function drawTo(s, picture, image, from) { // the points that are not set yet follow the hand
  const {mark} = s.draft, at = within(image, picture);
  s.draft.mark = {...mark, points: mark.points.map((p, i) => (i < from ? p : at))};
  s.paint();
}

export const within = ([x, y], {rows, columns}) => [clamp(x, 0, columns), clamp(y, 0, rows)];
