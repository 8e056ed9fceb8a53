import { isMeasured } from "../../core/picture.js";

export const cutsOf = (s, picture) => (isMeasured(picture) ? [...s.shared.surfaces.values()].filter(t => t.cut === picture.meaning.instance && t.views.size) : []);

export const cutsOn = (s, picture) => (s.look.hidden.includes("lines") ? [] : cutsOf(s, picture));

export function endsOfCut(cut, {columns, rows}) { // in image coordinates
  const turn = cut.index * Math.PI / 180, half = Math.min(columns, rows) / 2;
  return [1, -1].map(side => [columns / 2 + side * half * Math.sin(turn), rows / 2 - side * half * Math.cos(turn)]);
}
