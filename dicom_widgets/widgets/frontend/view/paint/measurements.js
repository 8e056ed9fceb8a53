import { axesOf, toScreen } from "../../core/geometry/axes.js";
import { MARK_COLOR, linesOf, outlineOf } from "../../core/measurements/figures.js";
import { isMeasured } from "../../core/picture.js";
import { drawShapes, penOf } from "./shapes.js";
import { MARKS } from "../state/measurements.js";

export function paintMarks(view, s, picture) { // above the shapes of the presentation state
  const {graphics} = view, dpr = window.devicePixelRatio;
  graphics.dataset.marks = "[]";
  view.written.clear();
  if (!isMeasured(picture) || s.look.hidden.includes(`layer ${MARKS}`)) return;
  const {instance, frame} = picture.meaning, {marks} = s.shared, told = [];
  if (s.draft && (s.draft.mark.instance !== instance || s.draft.mark.frame !== frame)) s.draft = null; // scrolled away
  const place = toScreen(picture, axesOf(picture, s, graphics.width, graphics.height));
  const isSeen = p => { const [x, y] = place(p); return x >= 0 && y >= 0 && x < graphics.width && y < graphics.height; };
  const all = [...marks.on(picture), ...(s.draft ? [s.draft.mark] : [])], taken = all.length ? [...view.taken, ...cornerBoxes(view)] : [];
  for (const mark of all) {
    const figures = marks.figures(mark, picture), lines = [...(mark.label ? [mark.label] : []), ...linesOf(figures)];
    const wide = graphics.width / window.devicePixelRatio; // in a small view smaller, in a smaller one the first figure, and what must be said of it
    const words = {words: (wide < 300 ? lines.slice(0, mark.label ? 2 : 1).concat(lines.length > 1 && figures.label ? [`(${figures.label})`] : []) : lines).join("\n"), at: mark.text_at ?? mark.points[0], placed: !!mark.text_at, color: MARK_COLOR, around: mark.points, size: wide < 440 ? 11 : 14};
    const isNear = mark.points.some(isSeen);
    drawShapes(graphics, [{points: outlineOf(mark), color: MARK_COLOR}, ...(isNear ? [words] : [])], place, taken);
    const box = isNear ? taken.at(-1) : null;
    if (box && mark !== s.draft?.mark) view.written.set(mark.uid, box);
    if (mark.uid === s.selected || mark === s.draft?.mark || mark.uid === view.over) {
      const g = penOf(graphics);
      for (const point of mark.points) {
        const [x, y] = place(point);
        g.beginPath();
        g.arc(x, y, 4 * dpr, 0, 2 * Math.PI);
        g.fillStyle = mark.uid === s.selected ? MARK_COLOR : "#000";
        g.fill();
        g.lineWidth = 1.5 * dpr; g.strokeStyle = mark.uid === s.selected ? "#000" : MARK_COLOR; g.stroke();
      }
    }
    told.push({uid: mark.uid, kind: mark.kind, lines, box, quantities: figures.quantities, ours: !mark.figures});
  }
  graphics.dataset.marks = JSON.stringify(told);
}

function cornerBoxes({box, corners, letters, scale}) { // where the view's own texts stand
  const at = box.getBoundingClientRect(), dpr = window.devicePixelRatio;
  const words = [...Object.values(corners).map(c => c.firstChild), ...letters, scale].map(e => e.getBoundingClientRect()).filter(r => r.width && r.height);
  return words.map(r => ({x: (r.left - at.left) * dpr, y: (r.top - at.top) * dpr, wide: r.width * dpr, high: r.height * dpr}));
}
