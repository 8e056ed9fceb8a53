// Measuring by hand. Points are set by clicks, or by dragging from one to the next; any tool's left button takes a
// measurement up by its line, its points by their handles, and its words, which then stay where they are put.
const FAR = 4, NEAR = 8; // CSS pixels: a drag, no click; close enough to be taken up
const within = ([x, y], {rows, columns}) => [clamp(x, 0, columns), clamp(y, 0, rows)];
const isMeasured = picture => isImage(picture) && !!picture.meaning?.instance;
const newUid = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), b => b.toString(16).padStart(2, "0")).join("");
const samePoint = (a, b) => a[0] === b[0] && a[1] === b[1];

function measuring(kind) { // a tool that sets the points of a measurement
  const count = {length: 2, angle: 3, rectangle: 2, ellipse: 2, probe: 1}[kind];
  const dragged = ({start, screen, dpr}) => Math.hypot(screen[0] - start[0], screen[1] - start[1]) > FAR * dpr;
  return {
    click: true, cursor: "crosshair", shown: s => !s.cross, // a plane of a volume is no image of the object
    down: ({s, picture, image, screen}) => {
      if (!isMeasured(picture)) return screen;
      if (s.draft?.mark.kind !== kind || s.draft.mark.instance !== picture.meaning.instance || s.draft.mark.frame !== picture.meaning.frame) {
        const {instance, frame, subtraction} = picture.meaning, at = within(image, picture);
        s.draft = {placed: 0, mark: {uid: newUid(), kind, instance, frame, label: "", subtraction, points: Array(count).fill(at)}};
      }
      drawTo(s, picture, image, s.draft.placed);
      return screen;
    },
    move: h => { if (h.s.draft && h.image) drawTo(h.s, h.picture, h.image, h.s.draft.placed + (dragged(h) && count - h.s.draft.placed > 1 ? 1 : 0)); },
    up: h => {
      const {s} = h, {draft} = s;
      if (!draft) return;
      draft.placed += dragged(h) && count - draft.placed > 1 ? 2 : 1;
      if (draft.placed < count) return;
      s.draft = null;
      if (count > 1 && draft.mark.points.every(p => samePoint(p, draft.mark.points[0]))) return s.paint();
      s.selected = draft.mark.uid;
      s.shared.marks.keep(draft.mark.uid, null);
      s.shared.marks.put(draft.mark);
      rested(s);
    },
    drop: ({s}) => { s.draft = null; s.paint(); },
  };
}

function drawTo(s, picture, image, from) { // the points that are not set yet follow the hand
  const {mark} = s.draft, at = within(image, picture);
  s.draft.mark = {...mark, points: mark.points.map((p, i) => (i < from ? p : at))};
  s.paint();
}

function rested(s) {
  if (!s.shared.marks.rest()) s.note = "The kernel is gone: run the cell again.";
  s.views.forEach(v => v.update());
}

const GRAB = { // a measurement is taken up: one of its points, or all of it
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

function removeMark(s, uid) {
  if (!s.shared.marks.all.has(uid)) return;
  s.shared.marks.keep(uid, s.shared.marks.all.get(uid));
  s.shared.marks.remove(uid);
  s.views.forEach(v => v.update());
}

function undo(s) { // what the hand did to a measurement last; false where there is nothing
  const [uid, before] = s.shared.marks.undo() ?? [];
  if (!uid) return false;
  if (before) s.shared.marks.put(before, before.figures); else s.shared.marks.remove(uid);
  rested(s);
  return true;
}

function putBack(s, mark) { // its words, beside it
  s.shared.marks.keep(mark.uid, mark);
  s.shared.marks.put({...mark, text_at: null}, mark.figures);
  rested(s);
}

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

function nextHandle(s, view) { // by keyboard: the cursor goes from handle to handle, and selects what it stands on
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

function selectedText(s) { // the selected measurement, for a screen reader
  const {picture} = s, {marks} = s.shared, mark = isMeasured(picture) ? marks.on(picture).find(m => m.uid === s.selected) : null;
  return mark ? [mark.label || mark.kind, ...linesOf(marks.figures(mark, picture))].join(" ") : "";
}

function paintMarks(view, s, picture) { // above the shapes of the presentation state
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
