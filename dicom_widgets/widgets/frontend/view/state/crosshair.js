// The crosshair of three planes of a volume: the index of each plane is where it crosses the other two, so the surfaces
// of a group say it all. s.cross: {group, plane, down, across, thick}, the planes that are met down and across this one.
const CROSS_COLORS = {axial: "#ff6b5e", coronal: "#5ec962", sagittal: "#4aa3ff"};

const siblings = s => (s.cross ? [...s.shared.surfaces.values()].filter(t => t !== s && t.cross?.group === s.cross.group) : []);
const sibling = (s, plane) => siblings(s).find(t => t.cross.plane === plane);
const rowOf = (plane, index, count) => (plane === "axial" ? count - 1 - index : index); // the head is up, where rows begin

function crossAt({s, picture, image}) { // the other two planes go where the hand is
  if (!s.cross || !image) return;
  const [u, v] = [clamp(image[0], 0, picture.columns - 1), clamp(image[1], 0, picture.rows - 1)].map(Math.floor);
  sibling(s, s.cross.across)?.scroll(u);
  sibling(s, s.cross.down)?.scroll(rowOf(s.cross.down, v, picture.rows));
}

function follow(s, {look, zoom, ...changes}) { // one hand for three planes: tool, texts, window, inversion, and back to all of it
  const same = Object.fromEntries(["tool", "texts"].filter(k => k in changes).map(k => [k, changes[k]]));
  if (zoom === null) Object.assign(same, {zoom, pan: [0, 0]});
  for (const t of siblings(s)) {
    const more = look && (t.look.window !== look.window || t.look.invert !== look.invert) ? {look: {...t.look, window: look.window, invert: look.invert}} : {};
    if (!Object.keys({...same, ...more}).length) continue;
    Object.assign(t, same, more);
    t.views.forEach(v => v.update());
    t.paint();
    t.soon(); // its kernel side hears it when the hand rests
  }
}

function paintCross({canvas, graphics, box}, s, picture) {
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
