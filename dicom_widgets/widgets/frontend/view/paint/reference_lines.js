import { penOf } from "./shapes.js";
import { linesOn } from "../state/reference_lines.js";

export function paintLines({graphics}, s, picture, place) {
  const dpr = window.devicePixelRatio, lines = linesOn(s), g = lines.length ? penOf(graphics) : null;
  graphics.dataset.lines = JSON.stringify(lines);
  for (const [from, to, strength] of lines) {
    g.beginPath();
    g.moveTo(...place(from.map(c => c + 0.5))); // image coordinates begin at the corner of the first pixel
    g.lineTo(...place(to.map(c => c + 0.5)));
    g.globalAlpha = strength;
    for (const [width, color] of [[3, "rgba(0, 0, 0, 0.6)"], [1.25, "#4dd0e1"]]) { g.lineWidth = width * dpr; g.strokeStyle = color; g.stroke(); }
    g.globalAlpha = 1;
  }
}
