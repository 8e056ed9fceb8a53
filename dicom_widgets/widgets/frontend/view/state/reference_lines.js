// Reference lines: where the view that was touched last crosses the others (requirement GE6).
import { endsOf, isParallel, planeAt } from "../../core/geometry/planes.js";
import { referenceLine } from "../../core/geometry/reference_lines.js";

/** @type {(s: Surface) => FramePlane | null} Where the frame that is shown lies in the patient. */
const planeOf = (s) => planeAt(s.places, s.index);

/** @type {(s: Surface, t: Surface) => boolean} Whether two views lie across each other in one Frame of Reference. */
export function isAcross(s, t) {
  const [here, there] = [planeOf(s), planeOf(t)];
  return !!here && !!there && here.space === there.space && !isParallel(here, there);
}

/**
 * Returns the lines on a view, in pixels of its image: the first and the last slice of the leader's stack, and its own.
 * @param {Surface} s
 * @returns {[from: Point, to: Point, strength: number][]}
 */
export function linesOn(s) {
  const { leader } = s.shared;
  const here = planeOf(s);
  if (!here || !leader || leader === s || !leader.views.size || s.look.hidden.includes("lines")) return [];
  const there = planeOf(leader);
  if (!there || !leader.places) return [];
  const of = leader.sid + JSON.stringify(there.normal);
  if (leader.ends?.of !== of) leader.ends = { of, found: endsOf(leader.places, there) };
  const planes = [...leader.ends.found.map((plane) => ({ plane, strength: 0.45 })), { plane: there, strength: 1 }];
  return planes.flatMap(({ plane, strength }) => {
    const ends = referenceLine(here, plane);
    return ends ? [[ends[0], ends[1], strength]] : [];
  });
}

/** The view that is touched leads: the others show where it lies. @param {Surface} s */
export function attend(s) {
  if (s.shared.leader === s) return;
  s.shared.leader = s;
  for (const t of s.shared.surfaces.values()) t.paint();
}

/** Paints the views on which the lines of a leader have moved. @param {Surface} s */
export function retrace(s) {
  if (s !== s.shared.leader) return;
  for (const t of s.shared.surfaces.values()) if (t !== s && t.views.size && isAcross(s, t)) t.paint();
}
