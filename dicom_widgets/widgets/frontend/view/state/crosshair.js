// The crosshair of three planes of a volume: the index of each plane is where it crosses the other two, so the views
// of a group say it all. `cross` names the planes that are met down and across a view.
import { clamp } from "../../core/numbers.js";

/** The other planes of a volume. @type {(s: Surface) => Surface[]} */
export const siblings = (s) =>
  [...s.shared.surfaces.values()].filter((t) => t !== s && s.cross && t.cross?.group === s.cross.group);

/** @type {(s: Surface, plane: string) => Surface | undefined} */
export const sibling = (s, plane) => siblings(s).find((t) => t.cross?.plane === plane);

/**
 * The row at which a plane is met: the head is up, where rows begin.
 * @type {(p: string, i: number, n: number) => number}
 */
export const rowOf = (plane, index, count) => (plane === "axial" ? count - 1 - index : index);

/** Takes the other two planes to where the hand is. @param {Press} press */
export function crossAt({ s, picture, image }) {
  if (!s.cross || !image || !picture) return;
  const u = Math.floor(clamp(image[0], 0, picture.columns - 1));
  const v = Math.floor(clamp(image[1], 0, picture.rows - 1));
  sibling(s, s.cross.across)?.scroll(u);
  sibling(s, s.cross.down)?.scroll(rowOf(s.cross.down, v, picture.rows));
}

/**
 * One hand for three planes: tool, texts, window, inversion, and back to all of it.
 * @param {Surface} s
 * @param {Partial<Surface>} changes
 */
export function follow(s, changes) {
  const { look, zoom } = changes;
  /** @type {Partial<Surface>} */
  const same = zoom === null ? { zoom, pan: [0, 0] } : {};
  if (changes.tool !== undefined) same.tool = changes.tool;
  if (changes.texts !== undefined) same.texts = changes.texts;
  for (const t of siblings(s)) {
    const differs = look && (t.look.window !== look.window || t.look.invert !== look.invert);
    const more = differs ? { look: { ...t.look, window: look.window, invert: look.invert } } : {};
    if (!Object.keys({ ...same, ...more }).length) continue;
    Object.assign(t, same, more);
    t.views.forEach((v) => v.update());
    t.paint();
    t.soon(); // its kernel side hears it when the hand rests
  }
}
