import { penOf } from "./shapes.js";
import { cutsOn, endsOfCut } from "../state/pullback_cut.js";

const CUT = "#4dd0e1";

export function paintCut({graphics}, s, picture, place) {
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
