import { isParallel, placeOf } from "../../core/geometry/planes.js";
import { crossing, endsOf } from "../../core/geometry/reference_lines.js";

export function linesOn(s) { // [[from, to, strength]] in pixels of the image
  const leader = s.shared.leader, here = placeOf(s);
  if (!here || !leader || leader === s || !leader.views.size || s.look.hidden.includes("lines")) return [];
  const there = placeOf(leader);
  if (!there) return [];
  const of = leader.sid + JSON.stringify(there.normal);
  if (leader.ends?.of !== of) leader.ends = {of, found: endsOf(leader, there)};
  const lines = [...leader.ends.found.map(place => [place, 0.45]), [there, 1]];
  return lines.flatMap(([place, strength]) => { const ends = crossing(here, place); return ends ? [[...ends, strength]] : []; });
}

export function attend(s) { // the view that is touched leads: the others show where it lies
  if (s.shared.leader === s) return;
  s.shared.leader = s;
  for (const t of s.shared.surfaces.values()) t.paint();
}

export function retrace(s) { // its lines on others have moved
  const there = s === s.shared.leader && placeOf(s);
  if (!there) return;
  for (const t of s.shared.surfaces.values()) {
    const here = t !== s && t.views.size && placeOf(t);
    if (here && here.space === there.space && !isParallel(here, there)) t.paint();
  }
}
