// What is painted over an image, and can be switched off.
import { isImage } from "../../core/picture.js";
import { cutsOf } from "./pullback_cut.js";
import { isAcross } from "./reference_lines.js";

/**
 * What can be switched off, name -> words.
 * @type {(picture: Picture | undefined, s: Surface) => Record<string, string>}
 */
export const switchesOf = (picture, s) => (isImage(picture) ? { ...picture.switches, ...lineSwitch(s) } : {});

/**
 * The switch of reference lines, where another view of the page lies across this one.
 * @param {Surface} s
 * @returns {Record<string, string>}
 */
function lineSwitch(s) {
  const across = [...s.shared.surfaces.values()].some((t) => t !== s && t.views.size && isAcross(s, t));
  return across || cutsOf(s, s.picture).length ? { lines: "Reference lines" } : {};
}

/** Switches off, or on again when all of it is off. @type {(s: Surface, ...names: string[]) => void} */
export function toggle(s, ...names) {
  const { hidden } = s.look;
  const rest = hidden.filter((name) => !names.includes(name));
  const off = !names.every((name) => hidden.includes(name));
  s.looking({ hidden: off ? [...rest, ...names] : rest });
}
