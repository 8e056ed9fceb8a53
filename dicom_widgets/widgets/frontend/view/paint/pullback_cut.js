// Painting the cut of a pullback: a line through the middle, and a handle at either end that turns it. The end that is
// filled is the cut's first row.
import { cutsOn, endsOfCut } from "../state/pullback_cut.js";
import { penOf, strokeTwice } from "./shapes.js";

const COLOR = "#4dd0e1";

/** @type {(view: View, s: Surface, picture: Picture, place: (point: Point) => Point) => void} */
export function paintCut({ graphics }, s, picture, place) {
  if (s.cut && s.cutShown !== s.index) {
    s.cutShown = s.index; // it has turned: its frames show that
    s.shared.surfaces.forEach((t) => {
      if (t.picture?.meaning?.instance === s.cut) t.paint();
    });
  }
  const cuts = cutsOn(s, picture);
  graphics.dataset.cuts = cuts.map((cut) => cut.index).join();
  for (const cut of cuts) {
    const g = penOf(graphics);
    const [first, last] = endsOfCut(cut, picture).map(place);
    const path = (/** @type {() => void} */ draw, /** @type {string} */ fill) => {
      g.beginPath();
      draw();
      g.fillStyle = fill;
      g.fill();
      strokeTwice(g, COLOR);
    };
    path(() => {
      g.moveTo(first[0], first[1]);
      g.lineTo(last[0], last[1]);
    }, "#000");
    const handle = (/** @type {Point} */ [x, y]) => g.arc(x, y, 5 * window.devicePixelRatio, 0, 2 * Math.PI);
    path(() => handle(first), COLOR);
    path(() => handle(last), "#000");
  }
}
