// Painting the crosshair of three planes, with a gap around where they meet, and the borders of slabs.
import { toScreen } from "../../core/geometry/axes.js";
import { clamp } from "../../core/numbers.js";
import { rowOf, sibling, siblings } from "../state/crosshair.js";
import { axesIn } from "../state/zooming.js";
import { penOf } from "./shapes.js";

/** @type {Record<string, string>} */
const COLORS = { axial: "#ff6b5e", coronal: "#5ec962", sagittal: "#4aa3ff" };

/** @type {(view: View, s: Surface, picture: Picture) => void} */
export function paintCross(view, s, picture) {
  const { graphics, box } = view;
  const { cross } = s;
  box.dataset.plane = cross?.plane ?? "";
  if (!cross) return;
  if (s.crossed !== s.index) {
    s.crossed = s.index; // this plane moved on theirs
    siblings(s).forEach((t) => t.paint());
  }
  const g = penOf(graphics);
  const { rows, columns } = picture;
  const place = toScreen(picture, axesIn(s, view, picture));
  const [x, y] = [sibling(s, cross.across), sibling(s, cross.down)];
  if (!x || !y) return;
  const u = x.index + 0.5;
  const v = rowOf(cross.down, y.index, rows) + 0.5;
  graphics.dataset.cross = `${u} ${v}`;
  const line = lineAround(g, place([u, v]));
  for (const { plane, across, at } of [
    { plane: cross.across, across: true, at: u },
    { plane: cross.down, across: false, at: v },
  ]) {
    const end = across ? rows : columns;
    const draw = (/** @type {number} */ p, /** @type {number[]} */ dash) => {
      const ends = across
        ? [
            [p, 0],
            [p, end],
          ]
        : [
            [0, p],
            [end, p],
          ];
      line(place(ends[0]), place(ends[1]), COLORS[plane], dash);
    };
    draw(at, []);
    const dpr = window.devicePixelRatio;
    const borders = slabBorders(at, cross.thick[plane], plane === "axial" && !across);
    for (const p of borders) draw(clamp(p, 0, across ? columns : rows), [3 * dpr, 4 * dpr]);
  }
}

/**
 * Returns the borders of a slab around a voxel, with the odd one behind; none of a single voxel.
 * @type {(at: number, thick: number, back: boolean) => number[]}
 */
function slabBorders(at, thick, back) {
  if (thick < 2) return [];
  const [behind, after] = [(thick - 1) >> 1, thick >> 1];
  return back ? [at - 0.5 - after, at + 0.5 + behind] : [at - 0.5 - behind, at + 0.5 + after];
}

/**
 * Returns what draws a line of the screen; one without dashes leaves a gap around a point.
 * @param {CanvasRenderingContext2D} g
 * @param {Point} middle
 */
function lineAround(g, [mx, my]) {
  const dpr = window.devicePixelRatio;
  const gap = 12 * dpr;
  return (
    /** @type {Point} */ a,
    /** @type {Point} */ b,
    /** @type {string} */ color,
    /** @type {number[]} */ dash,
  ) => {
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
    const near = Math.hypot(mx - a[0], my - a[1]);
    const at = (/** @type {number} */ d) => [0, 1].map((i) => a[i] + (b[i] - a[i]) * clamp(d / length, 0, 1));
    const pieces = dash.length
      ? [[a, b]]
      : [
          [a, at(near - gap)],
          [at(near + gap), b],
        ];
    g.setLineDash(dash);
    g.strokeStyle = color;
    g.lineWidth = dpr;
    g.beginPath();
    for (const [p, q] of pieces) {
      g.moveTo(p[0], p[1]);
      g.lineTo(q[0], q[1]);
    }
    g.stroke();
    g.setLineDash([]);
  };
}
