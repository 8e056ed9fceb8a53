import { axesOf, fromScreen, toScreen } from "../../core/geometry/axes.js";
import { outlineOf } from "../../core/measurements/figures.js";
import { clamp } from "../../core/numbers.js";
import { isMeasured } from "../../core/picture.js";
import { rested, within } from "../state/measurements.js";
import { cutsOn, endsOfCut } from "../state/pullback_cut.js";

const NEAR = 8; // CSS pixels from which on something is close enough to be taken up

export const GRAB = { // a measurement is taken up: one of its points, or all of it
  click: true,
  down: ({s, image, grabbed}) => { s.selected = grabbed.mark.uid; s.views.forEach(v => v.update()); s.paint(); return {...grabbed, image}; },
  move: ({s, picture, image, start: {mark, index, text, image: from}}) => {
    if (!image) return;
    if (text) return s.shared.marks.put({...mark, text_at: [0, 1].map(i => text[i] + image[i] - from[i])}, mark.figures);
    const across = mark.points.map(p => p[0]), down = mark.points.map(p => p[1]);
    const dx = clamp(image[0] - from[0], -Math.min(...across), picture.columns - Math.max(...across));
    const dy = clamp(image[1] - from[1], -Math.min(...down), picture.rows - Math.max(...down));
    const one = ([x, y]) => within([x + image[0] - from[0], y + image[1] - from[1]], picture);
    const points = mark.points.map((p, i) => (index === null ? [p[0] + dx, p[1] + dy] : i === index ? one(p) : p));
    const text_at = mark.text_at && index === null ? [mark.text_at[0] + dx, mark.text_at[1] + dy] : mark.text_at;
    s.shared.marks.put({...mark, points, text_at});
  },
  up: ({s, start: {mark}}) => {
    const now = s.shared.marks.all.get(mark.uid), where = m => JSON.stringify([m.points, m.text_at ?? null]);
    if (now && where(now) !== where(mark)) s.shared.marks.keep(mark.uid, mark);
    rested(s);
  },
  drop: ({s, start}) => { s.shared.marks.put(start.mark); rested(s); },
};

function markAt(s, {written}, picture, axes, screen, dpr) { // what lies under the hand: {mark, index of its point, null is its line, text: where its words begin, if it is them}
  if (!isMeasured(picture) || s.draft || s.tool === "magnifier") return null;
  const place = toScreen(picture, axes), gap = p => Math.hypot(p[0] - screen[0], p[1] - screen[1]);
  let best = null, least = NEAR * dpr;
  for (const mark of s.shared.marks.on(picture)) {
    mark.points.forEach((p, index) => { const d = gap(place(p)); if (d < least) [best, least] = [{mark, index}, d]; });
  }
  if (best) return best;
  for (const mark of s.shared.marks.on(picture)) {
    const line = outlineOf(mark).map(place);
    for (let i = 1; i < line.length; i++) {
      const [a, b] = [line[i - 1], line[i]], d = [b[0] - a[0], b[1] - a[1]], long = d[0] ** 2 + d[1] ** 2;
      const t = long ? clamp(((screen[0] - a[0]) * d[0] + (screen[1] - a[1]) * d[1]) / long, 0, 1) : 0, far = gap([a[0] + t * d[0], a[1] + t * d[1]]);
      if (far < least) [best, least] = [{mark, index: null}, far];
    }
  }
  if (best) return best;
  const isOn = box => box && [0, 1].every(i => screen[i] >= [box.x, box.y][i] && screen[i] <= [box.x + box.wide, box.y + box.high][i]);
  const mark = s.shared.marks.on(picture).findLast(({uid}) => isOn(written.get(uid)));
  return mark ? {mark, index: null, text: fromScreen(picture, axes)([written.get(mark.uid).x, written.get(mark.uid).y])} : null;
}

function cutAt(s, picture, axes, screen, dpr) { // {cut} whose handle lies under the hand
  if (s.draft || s.tool === "magnifier") return null;
  const place = toScreen(picture, axes), isNear = p => Math.hypot(p[0] - screen[0], p[1] - screen[1]) < NEAR * dpr;
  const cut = cutsOn(s, picture).find(cut => endsOfCut(cut, picture).some(p => isNear(place(p))));
  return cut ? {cut} : null;
}

export const gripAt = (s, view, ...where) => markAt(s, view, ...where) ?? cutAt(s, ...where); // what a press would take up

export const TURN = {
  down: ({grabbed}) => ({cut: grabbed.cut, index: grabbed.cut.index}),
  move: ({picture, image, start}) => {
    if (!image || !picture) return;
    const angle = Math.atan2(image[0] - picture.columns / 2, picture.rows / 2 - image[1]) * 180 / Math.PI, count = start.cut.sizes.length;
    start.cut.scroll((Math.round(angle) + 2 * count) % count);
  },
  drop: ({start}) => start.cut.scroll(start.index),
};

export function nextHandle(s, view) { // by keyboard: the cursor goes from handle to handle, and selects what it stands on
  const {picture} = view;
  if (!isMeasured(picture)) return;
  const place = toScreen(picture, axesOf(picture, s, view.canvas.width, view.canvas.height)), written = ({uid}) => view.written.get(uid);
  const grips = [...s.shared.marks.on(picture), ...cutsOn(s, picture).map(cut => ({uid: "", points: endsOfCut(cut, picture)}))];
  const handles = grips.flatMap(m => [...m.points.map(place), ...(written(m) ? [[written(m).x + 1, written(m).y + 1]] : [])].map((at, i) => ({name: `${m.uid}/${i}`, uid: m.uid, at})));
  if (!handles.length) return;
  const next = handles[(handles.findIndex(h => h.name === view.handle) + 1) % handles.length];
  [view.handle, s.selected] = [next.name, next.uid];
  view.stand(next.at);
  s.views.forEach(v => v.update());
  s.paint();
}
