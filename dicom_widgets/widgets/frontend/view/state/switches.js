import { isParallel, placeOf } from "../../core/geometry/planes.js";
import { isImage } from "../../core/picture.js";
import { cutsOf } from "./pullback_cut.js";

export const ICC = "icc profile"; // what the colours are, and nothing that lies over them

export const switchesOf = (picture, s) => (isImage(picture) ? {...picture.switches, ...lineSwitch(s)} : {});

// Words for the switch, where another view of the page lies across this one.
function lineSwitch(s) {
  const here = placeOf(s), others = here ? [...s.shared.surfaces.values()].filter(t => t !== s && t.views.size) : [];
  const across = others.some(t => { const there = placeOf(t); return there && there.space === here.space && !isParallel(here, there); });
  return across || cutsOf(s, s.picture).length ? {lines: "Reference lines"} : {};
}

export function toggle(s, ...names) { // what is painted over the image: off, or on again when all of it is off
  const {hidden} = s.look, rest = hidden.filter(name => !names.includes(name));
  const off = !names.every(name => hidden.includes(name));
  s.looking({hidden: off ? [...rest, ...names] : rest});
}
