import { axesOf, toScreen } from "../../core/geometry/axes.js";
import { clamp } from "../../core/numbers.js";
import { penOf } from "./shapes.js";
import { rowOf, sibling, siblings } from "../state/crosshair.js";

const CROSS_COLORS = {axial: "#ff6b5e", coronal: "#5ec962", sagittal: "#4aa3ff"};

export function paintCross({canvas, graphics, box}, s, picture) {
  box.dataset.plane = s.cross?.plane ?? "";
  if (!s.cross) return;
  if (s.crossed !== s.index) { s.crossed = s.index; siblings(s).forEach(t => t.paint()); } // this plane moved on theirs
  const g = penOf(graphics), dpr = window.devicePixelRatio, {rows, columns} = picture;
  const place = toScreen(picture, axesOf(picture, s, canvas.width, canvas.height));
  const [x, y] = ["across", "down"].map(way => sibling(s, s.cross[way]));
  if (!x || !y) return;
  const u = x.index + 0.5, v = rowOf(s.cross.down, y.index, rows) + 0.5, gap = 12 * dpr, [mx, my] = place([u, v]);
  graphics.dataset.cross = `${u} ${v}`;
  const line = (from, to, color, dash) => {
    const [a, b] = [place(from), place(to)], length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
    const near = Math.hypot(mx - a[0], my - a[1]), at = d => [0, 1].map(i => a[i] + (b[i] - a[i]) * clamp(d / length, 0, 1));
    g.setLineDash(dash);
    g.strokeStyle = color;
    g.lineWidth = dpr;
    g.beginPath();
    for (const [p, q] of dash.length ? [[a, b]] : [[a, at(near - gap)], [at(near + gap), b]]) { g.moveTo(...p); g.lineTo(...q); }
    g.stroke();
    g.setLineDash([]);
  };
  for (const [t, way, m, end] of [[x, "across", u, rows], [y, "down", v, columns]]) {
    const plane = s.cross[way], n = s.cross.thick[plane], across = way === "across";
    const draw = (p, dash) => line(across ? [p, 0] : [0, p], across ? [p, end] : [end, p], CROSS_COLORS[plane], dash);
    draw(m, []);
    if (n < 2) continue; // the borders of a slab: it is around the voxel, with the odd one behind
    const behind = (n - 1) >> 1, after = n >> 1, back = plane === "axial" && way === "down";
    for (const p of back ? [m - 0.5 - after, m + 0.5 + behind] : [m - 0.5 - behind, m + 0.5 + after]) draw(clamp(p, 0, across ? columns : rows), [3 * dpr, 4 * dpr]);
  }
}
