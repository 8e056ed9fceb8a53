import { clamp } from "../../core/numbers.js";

export const siblings = s => (s.cross ? [...s.shared.surfaces.values()].filter(t => t !== s && t.cross?.group === s.cross.group) : []);

export const sibling = (s, plane) => siblings(s).find(t => t.cross.plane === plane);

export const rowOf = (plane, index, count) => (plane === "axial" ? count - 1 - index : index); // the head is up, where rows begin

export function crossAt({s, picture, image}) { // the other two planes go where the hand is
  if (!s.cross || !image) return;
  const [u, v] = [clamp(image[0], 0, picture.columns - 1), clamp(image[1], 0, picture.rows - 1)].map(Math.floor);
  sibling(s, s.cross.across)?.scroll(u);
  sibling(s, s.cross.down)?.scroll(rowOf(s.cross.down, v, picture.rows));
}

export function follow(s, {look, zoom, ...changes}) { // one hand for three planes: tool, texts, window, inversion, and back to all of it
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
