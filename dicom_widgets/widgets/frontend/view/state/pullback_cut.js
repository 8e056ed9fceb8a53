// The longitudinal cut of a pullback on its frames: a line through the middle, and a handle at either end that turns the
// cut of another view (OC2). s.cut: SOP Instance UID of the frames, in a view of cuts; its index is the angle, clockwise
// from the top, and the end that is filled is the cut's first row.
const CUT = "#4dd0e1";

const cutsOf = (s, picture) => (isMeasured(picture) ? [...s.shared.surfaces.values()].filter(t => t.cut === picture.meaning.instance && t.views.size) : []);
const cutsOn = (s, picture) => (s.look.hidden.includes("lines") ? [] : cutsOf(s, picture));

function endsOfCut(cut, {columns, rows}) { // in image coordinates
  const turn = cut.index * Math.PI / 180, half = Math.min(columns, rows) / 2;
  return [1, -1].map(side => [columns / 2 + side * half * Math.sin(turn), rows / 2 - side * half * Math.cos(turn)]);
}

function cutAt(s, picture, axes, screen, dpr) { // {cut} whose handle lies under the hand
  if (s.draft || s.tool === "magnifier") return null;
  const place = toScreen(picture, axes), isNear = p => Math.hypot(p[0] - screen[0], p[1] - screen[1]) < NEAR * dpr;
  const cut = cutsOn(s, picture).find(cut => endsOfCut(cut, picture).some(p => isNear(place(p))));
  return cut ? {cut} : null;
}

const gripAt = (s, view, ...where) => markAt(s, view, ...where) ?? cutAt(s, ...where); // what a press would take up

const TURN = {
  down: ({grabbed}) => ({cut: grabbed.cut, index: grabbed.cut.index}),
  move: ({picture, image, start}) => {
    if (!image || !picture) return;
    const angle = Math.atan2(image[0] - picture.columns / 2, picture.rows / 2 - image[1]) * 180 / Math.PI, count = start.cut.sizes.length;
    start.cut.scroll((Math.round(angle) + 2 * count) % count);
  },
  drop: ({start}) => start.cut.scroll(start.index),
};

function paintCut({graphics}, s, picture, place) {
  if (s.cut && s.cutShown !== s.index) { // it has turned: its frames show that
    s.cutShown = s.index;
    s.shared.surfaces.forEach(t => { if (t.picture?.meaning?.instance === s.cut) t.paint(); });
  }
  const dpr = window.devicePixelRatio, cuts = cutsOn(s, picture);
  graphics.dataset.cuts = cuts.map(cut => cut.index).join();
  for (const cut of cuts) {
    const g = penOf(graphics), [first, last] = endsOfCut(cut, picture).map(place);
    const strokes = [[3, "rgba(0, 0, 0, 0.6)"], [1.25, CUT]];
    const path = (draw, fill) => {
      g.beginPath();
      draw();
      g.fillStyle = fill;
      g.fill();
      for (const [width, color] of strokes) { g.lineWidth = width * dpr; g.strokeStyle = color; g.stroke(); }
    };
    path(() => { g.moveTo(...first); g.lineTo(...last); }, "#000");
    for (const [end, fill] of [[first, CUT], [last, "#000"]]) path(() => g.arc(...end, 5 * dpr, 0, 2 * Math.PI), fill);
  }
}
