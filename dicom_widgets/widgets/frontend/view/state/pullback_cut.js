// The longitudinal cut of a pullback on its frames (OC2). A view of cuts says of which instance they are; its index is
// the angle of the cut, clockwise from the top.
import { isMeasured } from "../../core/picture.js";

/** The views of cuts through a frame. @type {(s: Surface, picture: Picture | undefined) => Surface[]} */
export function cutsOf(s, picture) {
  if (!isMeasured(picture)) return [];
  return [...s.shared.surfaces.values()].filter((t) => t.cut === picture.meaning.instance && t.views.size);
}

/** Those that are painted. @type {(s: Surface, picture: Picture | undefined) => Surface[]} */
export const cutsOn = (s, picture) => (s.look.hidden.includes("lines") ? [] : cutsOf(s, picture));

/**
 * The ends of a cut in image coordinates, that of its first row first.
 * @type {(cut: Surface, picture: Picture) => Point[]}
 */
export function endsOfCut(cut, { columns, rows }) {
  const turn = (cut.index * Math.PI) / 180;
  const half = Math.min(columns, rows) / 2;
  return [1, -1].map((side) => [columns / 2 + side * half * Math.sin(turn), rows / 2 - side * half * Math.cos(turn)]);
}
