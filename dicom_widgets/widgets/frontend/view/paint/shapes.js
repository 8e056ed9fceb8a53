// Painting lines and words on the canvas above the pixels: the twin of display/graphics/pen.py.
import { labelLink, placeLabel } from "../../core/label_placement.js";
import { clamp } from "../../core/numbers.js";
import { make } from "../../dom/elements.js";

/** Canvases with something on them: an empty one is left alone, as the browser would compose it anew. */
const drawnOn = new WeakSet();

/** @type {(graphics: HTMLCanvasElement) => CanvasRenderingContext2D} */
function contextOf(graphics) {
  return /** @type {CanvasRenderingContext2D} */ (graphics.getContext("2d"));
}

/** Returns what draws on a canvas that is not empty from now on. @param {HTMLCanvasElement} graphics */
export function penOf(graphics) {
  drawnOn.add(graphics);
  return contextOf(graphics);
}

/**
 * Strokes the present path, wide and dark below, then narrow in its colour.
 * @type {(g: CanvasRenderingContext2D, color: string) => void}
 */
export function strokeTwice(g, color) {
  const dpr = window.devicePixelRatio;
  const strokes = /** @type {[number, string][]} */ ([
    [3, "rgba(0, 0, 0, 0.6)"],
    [1.25, color],
  ]);
  for (const [width, style] of strokes) {
    g.lineWidth = width * dpr;
    g.strokeStyle = style;
    g.stroke();
  }
}

/**
 * Paints the shapes of a picture that are not switched off.
 * @param {View} view
 * @param {Picture} picture
 * @param {(point: Point) => Point} place image coordinates -> screen
 * @param {string[]} hidden
 */
export function paintShapes(view, picture, place, hidden) {
  const { graphics } = view;
  if (drawnOn.delete(graphics)) contextOf(graphics).clearRect(0, 0, graphics.width, graphics.height);
  const shapes = picture.shapes.filter(
    ({ layer, group }) => !hidden.includes(`layer ${layer}`) && !hidden.includes(`group ${group}`),
  );
  graphics.dataset.shapes = String(shapes.length);
  view.taken = drawShapes(graphics, shapes, place);
}

/**
 * Draws shapes.
 * @param {HTMLCanvasElement} graphics
 * @param {Shape[]} shapes
 * @param {(point: Point) => Point} place
 * @param {Box[]} [taken] where words lie already; those of the shapes are added
 */
export function drawShapes(graphics, shapes, place, taken = []) {
  if (!shapes.length) return taken;
  const g = penOf(graphics);
  const [from, to] = [place([0, 0]), place([1, 0])];
  const scale = Math.hypot(to[0] - from[0], to[1] - from[1]); // screen pixels for one of the image
  g.textBaseline = "top";
  for (const shape of shapes) {
    if (shape.points) drawLine(g, shape.points.map(place), shape, scale);
    else taken.push(drawLabel(g, shape, place, scale, taken));
  }
  return taken;
}

/**
 * How far a shadow lies from what casts it, and how much wider it is.
 * @type {(s: Shadow, scale: number) => {off: Point, out: number}}
 */
function castOf({ offset, outlined }, scale) {
  const [dx, dy] = offset.map((length) => length * scale);
  return outlined ? { off: [0, 0], out: Math.hypot(dx, dy) } : { off: [dx, dy], out: 0 };
}

/**
 * Draws a line, or fills what it encloses.
 * @param {CanvasRenderingContext2D} g
 * @param {Point[]} points on the screen
 * @param {Stroke} stroke
 * @param {number} scale
 */
function drawLine(g, points, stroke, scale) {
  const { color, opacity = 1, dashes = [], between = "" } = stroke;
  const dpr = window.devicePixelRatio;
  const width = stroke.width ?? null;
  const wide = width === null ? 1.5 * dpr : Math.max(1, width * scale);
  const line = (/** @type {string} */ style, /** @type {number} */ lineWidth) => {
    g.strokeStyle = style;
    g.lineWidth = lineWidth;
    g.stroke();
  };
  const path = (/** @type {Point} */ [dx, dy]) => {
    g.beginPath();
    points.forEach(([x, y], i) => (i ? g.lineTo(x + dx, y + dy) : g.moveTo(x + dx, y + dy)));
  };
  if (stroke.shadow) {
    const { off, out } = castOf(stroke.shadow, scale);
    path(off);
    g.globalAlpha = stroke.shadow.opacity;
    line(stroke.shadow.color, wide + 2 * out);
  }
  path([0, 0]);
  if (stroke.filled) fillPath(g, stroke);
  g.globalAlpha = opacity;
  if (dashes.length && between) line(between, wide);
  g.setLineDash(dashes.map((d) => d * dpr));
  line("rgba(0, 0, 0, 0.6)", wide + 2 * dpr);
  line(color, wide);
  g.setLineDash([]);
  g.globalAlpha = 1;
}

/** @type {(g: CanvasRenderingContext2D, stroke: Stroke) => void} */
function fillPath(g, { color, inside = "", covering = 1, stipple = [], behind = "", behind_covering = 1 }) {
  if (behind) {
    g.globalAlpha = behind_covering;
    g.fillStyle = behind;
    g.fill();
  }
  g.globalAlpha = covering;
  g.fillStyle = stipple.length ? stippled(g, stipple, inside || color) : inside || color;
  g.fill();
}

/**
 * Returns a pattern of 32 rows of 32 bits, over and over from the corner of the screen.
 * @type {(g: CanvasRenderingContext2D, rows: number[], color: string) => CanvasPattern}
 */
function stippled(g, rows, color) {
  const tile = make("canvas", { width: 32, height: 32 });
  const t = contextOf(tile);
  t.fillStyle = color;
  rows.forEach((bits, y) => {
    for (let x = 0; x < 32; x++) if ((bits >>> (31 - x)) & 1) t.fillRect(x, y, 1, 1);
  });
  const pattern = /** @type {CanvasPattern} */ (g.createPattern(tile, "repeat"));
  pattern.setTransform(new DOMMatrix().scale(window.devicePixelRatio));
  return pattern;
}

/**
 * Draws words, and returns where they lie.
 * @param {CanvasRenderingContext2D} g
 * @param {Label} label
 * @param {(point: Point) => Point} place
 * @param {number} scale
 * @param {Box[]} taken
 * @returns {Box}
 */
function drawLabel(g, label, place, scale, taken) {
  const dpr = window.devicePixelRatio;
  const size = label.size ?? 14;
  const weight = `${label.italic ? "italic " : ""}${label.bold ? "bold " : ""}`;
  g.font = `${weight}${Math.round(size * dpr)}px ${label.family ?? "sans-serif"}`;
  const lines = label.words.split("\n");
  const step = (size + 3) * dpr;
  const wide = Math.max(...lines.map((l) => g.measureText(l).width));
  const high = step * lines.length;
  const [first, other] = [place(label.at), place(label.opposite ?? label.at)];
  const corner = [0, 1].map((i) => Math.min(first[i], other[i]));
  const share = label.opposite ? ({ LEFT: 0, CENTER: 0.5, RIGHT: 1 }[label.justified ?? "LEFT"] ?? 0) : 0;
  if (label.leader) drawLine(g, [corner, place(label.leader)], { color: label.color }, scale);
  const around = label.around?.map(place) ?? [];
  const room = [g.canvas.width, g.canvas.height];
  const far = [0, 1].map((i) => Math.max(first[i], other[i]));
  const free = (label.opposite ? (label.lifted ?? 0) : 0) * (far[1] - corner[1] - high);
  const [x, y] =
    around.length && !label.placed
      ? placeLabel(around, [wide, high], room, taken, 8 * dpr)
      : [
          clamp(corner[0] + share * (far[0] - corner[0] - wide), 2, Math.max(2, room[0] - wide - 2)),
          clamp(corner[1] + free, 2, Math.max(2, room[1] - high)), // never lost off screen
        ];
  const box = { x, y, wide, high };
  const link = around.length ? labelLink(around, box, 8 * dpr) : null;
  if (link) drawLine(g, link, { color: label.color, dashes: [2, 3] }, scale);
  const starts = lines.map((line) => share * (wide - g.measureText(line).width));
  if (label.shadow) drawShadow(g, label.shadow, scale, lines, (i) => [x + starts[i], y + i * step]);
  lines.forEach((line, i) => drawWords(g, label, line, [x + starts[i], y + i * step], size * dpr));
  return box;
}

/**
 * @param {CanvasRenderingContext2D} g
 * @param {Shadow} shadow
 * @param {number} scale
 * @param {string[]} lines
 * @param {(i: number) => Point} at
 */
function drawShadow(g, shadow, scale, lines, at) {
  const { off, out } = castOf(shadow, scale);
  Object.assign(g, {
    globalAlpha: shadow.opacity,
    fillStyle: shadow.color,
    strokeStyle: shadow.color,
    lineWidth: 2 * out,
  });
  lines.forEach((line, i) => {
    const [x, y] = at(i);
    if (out) g.strokeText(line, x + off[0], y + off[1]);
    g.fillText(line, x + off[0], y + off[1]);
  });
  g.globalAlpha = 1;
}

/**
 * Draws one line of words with a dark edge.
 * @type {(g: CanvasRenderingContext2D, l: Label, line: string, at: Point, size: number) => void}
 */
function drawWords(g, label, line, [x, y], size) {
  const dpr = window.devicePixelRatio;
  const { width } = g.measureText(line);
  const underline = (/** @type {number} */ out) => {
    if (label.underlined) g.fillRect(x - out, y + size - out, width + 2 * out, dpr + 2 * out);
  };
  g.fillStyle = "#000";
  underline(dpr);
  g.lineWidth = 3 * dpr;
  g.strokeStyle = "#000";
  g.strokeText(line, x, y);
  g.fillStyle = label.color;
  g.fillText(line, x, y);
  underline(0);
}
