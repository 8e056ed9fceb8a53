// Painting measurements above the shapes of the presentation state: outline, words, and handles of what is taken up.
import { toScreen } from "../../core/geometry/axes.js";
import { linesOf } from "../../core/measurements/figures.js";
import { outlineOf } from "../../core/measurements/kinds.js";
import { isMeasured } from "../../core/picture.js";
import { axesIn } from "../state/zooming.js";
import { drawShapes, penOf } from "./shapes.js";

/** As measurements/measurement.py has them. */
const COLOR = "#66e0ff";
const LAYER = "Measurements";

/** @type {(view: View, s: Surface, picture: Picture) => void} */
export function paintMarks(view, s, picture) {
  const { graphics } = view;
  graphics.dataset.marks = "[]";
  view.written.clear();
  if (!isMeasured(picture) || s.look.hidden.includes(`layer ${LAYER}`)) return;
  const { instance, frame } = picture.meaning;
  const { marks } = s.shared;
  if (s.draft && (s.draft.mark.instance !== instance || s.draft.mark.frame !== frame)) s.draft = null; // scrolled away
  const place = toScreen(picture, axesIn(s, view, picture));
  const all = [...marks.on(picture), ...(s.draft ? [s.draft.mark] : [])];
  const taken = all.length ? [...view.taken, ...cornerBoxes(view)] : [];
  const told = all.map((mark) => {
    const isDraft = mark === s.draft?.mark;
    const figures = marks.figures(mark, picture);
    const lines = [...(mark.label ? [mark.label] : []), ...linesOf(figures)];
    const isNear = mark.points
      .map(place)
      .some(([x, y]) => x >= 0 && y >= 0 && x < graphics.width && y < graphics.height);
    const words = isNear ? [labelOf(mark, lines, figures, graphics.width / window.devicePixelRatio)] : [];
    const outlines = outlineOf(mark).map((points) => ({ points, color: COLOR }));
    drawShapes(graphics, [...outlines, ...words], place, taken);
    const box = isNear ? taken[taken.length - 1] : null;
    if (box && !isDraft) view.written.set(mark.uid, box);
    const isSelected = mark.uid === s.selected;
    if (isSelected || isDraft || mark.uid === view.over) drawHandles(graphics, mark.points.map(place), isSelected);
    return { uid: mark.uid, kind: mark.kind, lines, box, quantities: figures.quantities, ours: !mark.figures };
  });
  graphics.dataset.marks = JSON.stringify(told);
}

/**
 * Returns the words of a measurement: in a small view smaller, in a smaller one the first figure and what must be said
 * of it.
 * @type {(mark: Measurement, lines: string[], figures: Figures, wide: number) => Label}
 */
function labelOf(mark, lines, figures, wide) {
  const note = lines.length > 1 && figures.label ? [`(${figures.label})`] : [];
  const shown = wide < 300 ? [...lines.slice(0, mark.label ? 2 : 1), ...note] : lines;
  return {
    words: shown.join("\n"),
    at: mark.text_at ?? mark.points[0],
    placed: !!mark.text_at,
    color: COLOR,
    around: mark.points,
    size: wide < 440 ? 11 : 14,
  };
}

/** @type {(graphics: HTMLCanvasElement, points: Point[], isSelected: boolean) => void} */
function drawHandles(graphics, points, isSelected) {
  const g = penOf(graphics);
  const dpr = window.devicePixelRatio;
  for (const [x, y] of points) {
    g.beginPath();
    g.arc(x, y, 4 * dpr, 0, 2 * Math.PI);
    g.fillStyle = isSelected ? COLOR : "#000";
    g.fill();
    g.lineWidth = 1.5 * dpr;
    g.strokeStyle = isSelected ? "#000" : COLOR;
    g.stroke();
  }
}

/** Where the view's own texts stand, in device pixels. @type {(view: View) => Box[]} */
function cornerBoxes({ box, corners, letters, scale }) {
  const at = box.getBoundingClientRect();
  const dpr = window.devicePixelRatio;
  const texts = [...Object.values(corners).map((c) => /** @type {Element} */ (c.firstElementChild)), ...letters, scale];
  const seen = texts.map((e) => e.getBoundingClientRect()).filter((r) => r.width && r.height);
  return seen.map((r) => ({
    x: (r.left - at.left) * dpr,
    y: (r.top - at.top) * dpr,
    wide: r.width * dpr,
    high: r.height * dpr,
  }));
}
