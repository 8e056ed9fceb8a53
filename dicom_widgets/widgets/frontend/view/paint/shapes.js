import { beside, linkOf } from "../../core/label_placement.js";
import { clamp } from "../../core/numbers.js";
import { make } from "../../dom/elements.js";

const drawnOn = new WeakSet(); // canvases with something on them: an empty one is left alone, as the browser composes it anew

export function penOf(graphics) {
  drawnOn.add(graphics);
  return graphics.getContext("2d");
}

export function paintShapes(view, picture, place, hidden) {
  const {graphics} = view;
  if (drawnOn.delete(graphics)) graphics.getContext("2d").clearRect(0, 0, graphics.width, graphics.height);
  const shapes = picture.shapes.filter(({layer, group}) => !hidden.includes(`layer ${layer}`) && !hidden.includes(`group ${group}`));
  graphics.dataset.shapes = shapes.length;
  drawShapes(graphics, shapes, place, view.taken = []);
}

export function drawShapes(graphics, shapes, place, taken = []) { // taken: where words lie already
  if (!shapes.length) return;
  const g = penOf(graphics), dpr = window.devicePixelRatio;
  g.textBaseline = "top";
  const [from, to] = [place([0, 0]), place([1, 0])], scale = Math.hypot(to[0] - from[0], to[1] - from[1]); // screen pixels for one of the image
  const stroke = (points, {color, width = null, opacity = 1, dashes = [], between = "", filled = false, inside = "", covering = 1, stipple = [], behind = "", behind_covering = 1, shadow = null}) => {
    const wide = width === null ? 1.5 * dpr : Math.max(1, width * scale), line = (color, wide) => { g.strokeStyle = color; g.lineWidth = wide; g.stroke(); };
    const path = ([dx, dy]) => { g.beginPath(); points.forEach(([x, y], i) => (i ? g.lineTo(x + dx, y + dy) : g.moveTo(x + dx, y + dy))); };
    if (shadow) {
      const {off, out} = castOf(shadow, scale);
      path(off);
      g.globalAlpha = shadow.opacity;
      line(shadow.color, wide + 2 * out);
    }
    path([0, 0]);
    if (filled && behind) { g.globalAlpha = behind_covering; g.fillStyle = behind; g.fill(); }
    if (filled) { g.globalAlpha = covering; g.fillStyle = stipple.length ? stippled(g, stipple, inside || color, dpr) : inside || color; g.fill(); }
    g.globalAlpha = opacity;
    if (dashes.length && between) line(between, wide);
    g.setLineDash(dashes.map(d => d * dpr));
    line("rgba(0, 0, 0, 0.6)", wide + 2 * dpr);
    line(color, wide);
    g.setLineDash([]);
    g.globalAlpha = 1;
  };
  for (const shape of shapes) {
    if (shape.points) { stroke(shape.points.map(place), shape); continue; }
    const size = shape.size ?? 14;
    g.font = `${shape.italic ? "italic " : ""}${shape.bold ? "bold " : ""}${Math.round(size * dpr)}px ${shape.family ?? "sans-serif"}`;
    const ends = [place(shape.at), place(shape.opposite ?? shape.at)], far = Math.max(ends[0][0], ends[1][0]);
    const at = [0, 1].map(i => Math.min(ends[0][i], ends[1][i])), share = shape.opposite ? {CENTER: 0.5, RIGHT: 1}[shape.justified] ?? 0 : 0;
    if (shape.leader) stroke([at, place(shape.leader)], {color: shape.color});
    const lines = shape.words.split("\n"), wide = Math.max(...lines.map(l => g.measureText(l).width)), step = (size + 3) * dpr;
    const high = step * lines.length, lowest = Math.max(2, graphics.height - high); // never lost off screen
    const free = (shape.opposite ? shape.lifted ?? 0 : 0) * (Math.max(ends[0][1], ends[1][1]) - at[1] - high);
    const [x, y] = shape.around?.length && !shape.placed ? beside(shape.around.map(place), [wide, high], [graphics.width, graphics.height], taken, 8 * dpr)
      : [clamp(at[0] + share * (far - at[0] - wide), 2, Math.max(2, graphics.width - wide - 2)), clamp(at[1] + free, 2, lowest)];
    taken.push({x, y, wide, high});
    const link = shape.around?.length ? linkOf(shape.around.map(place), {x, y, wide, high}, 8 * dpr) : null;
    if (link) stroke(link, {color: shape.color, dashes: [2, 3]});
    if (shape.shadow) {
      const {off: [dx, dy], out} = castOf(shape.shadow, scale);
      Object.assign(g, {globalAlpha: shape.shadow.opacity, fillStyle: shape.shadow.color, strokeStyle: shape.shadow.color, lineWidth: 2 * out});
      lines.forEach((line, i) => {
        const at = [x + dx + share * (wide - g.measureText(line).width), y + dy + i * step];
        if (out) g.strokeText(line, ...at);
        g.fillText(line, ...at);
      });
      g.globalAlpha = 1;
    }
    lines.forEach((line, i) => {
      const from = x + share * (wide - g.measureText(line).width);
      const under = out => shape.underlined && g.fillRect(from - out, y + i * step + size * dpr - out, g.measureText(line).width + 2 * out, dpr + 2 * out);
      g.fillStyle = "#000"; under(dpr);
      g.lineWidth = 3 * dpr; g.strokeStyle = "#000"; g.strokeText(line, from, y + i * step);
      g.fillStyle = shape.color; g.fillText(line, from, y + i * step); under(0);
    });
  }
}

function castOf({offset, outlined}, scale) { // of a shadow: how far it lies from what casts it, and how much wider it is on each side
  const [dx, dy] = offset.map(length => length * scale);
  return outlined ? {off: [0, 0], out: Math.hypot(dx, dy)} : {off: [dx, dy], out: 0};
}

function stippled(g, rows, color, dpr) { // 32 rows of 32 bits, over and over from the corner of the screen
  const tile = make("canvas", {width: 32, height: 32}), t = tile.getContext("2d");
  t.fillStyle = color;
  rows.forEach((bits, y) => { for (let x = 0; x < 32; x++) if (bits >>> (31 - x) & 1) t.fillRect(x, y, 1, 1); });
  const pattern = g.createPattern(tile, "repeat");
  pattern.setTransform(new DOMMatrix().scale(dpr));
  return pattern;
}
