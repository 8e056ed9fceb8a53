// Painting reference lines.
import { linesOn } from "../state/reference_lines.js";
import { penOf, strokeTwice } from "./shapes.js";

/** @type {(view: View, s: Surface, place: (point: Point) => Point) => void} */
export function paintLines({ graphics }, s, place) {
  const lines = linesOn(s);
  graphics.dataset.lines = JSON.stringify(lines);
  for (const [from, to, strength] of lines) {
    const g = penOf(graphics);
    const [a, b] = [from, to].map((end) => place(end.map((c) => c + 0.5))); // image coordinates begin at the corner
    g.beginPath();
    g.moveTo(a[0], a[1]);
    g.lineTo(b[0], b[1]);
    g.globalAlpha = strength;
    strokeTwice(g, "#4dd0e1");
    g.globalAlpha = 1;
  }
}
