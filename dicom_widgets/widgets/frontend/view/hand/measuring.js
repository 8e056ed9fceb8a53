import { isMeasured } from "../../core/picture.js";
import { drawTo, rested, within } from "../state/measurements.js";

const FAR = 4; // CSS pixels from which on it is a drag, and no click

const newUid = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), b => b.toString(16).padStart(2, "0")).join("");

const samePoint = (a, b) => a[0] === b[0] && a[1] === b[1];

export function measuring(kind) { // a tool that sets the points of a measurement
  const count = {length: 2, angle: 3, rectangle: 2, ellipse: 2, probe: 1}[kind];
  const dragged = ({start, screen, dpr}) => Math.hypot(screen[0] - start[0], screen[1] - start[1]) > FAR * dpr;
  return {
    click: true, cursor: "crosshair", shown: s => !s.cross, // a plane of a volume is no image of the object
    down: ({s, picture, image, screen}) => {
      if (!isMeasured(picture)) return screen;
      if (s.draft?.mark.kind !== kind || s.draft.mark.instance !== picture.meaning.instance || s.draft.mark.frame !== picture.meaning.frame) {
        const {instance, frame, subtraction} = picture.meaning, at = within(image, picture);
        s.draft = {placed: 0, mark: {uid: newUid(), kind, instance, frame, label: "", subtraction, points: Array(count).fill(at)}};
      }
      drawTo(s, picture, image, s.draft.placed);
      return screen;
    },
    move: h => { if (h.s.draft && h.image) drawTo(h.s, h.picture, h.image, h.s.draft.placed + (dragged(h) && count - h.s.draft.placed > 1 ? 1 : 0)); },
    up: h => {
      const {s} = h, {draft} = s;
      if (!draft) return;
      draft.placed += dragged(h) && count - draft.placed > 1 ? 2 : 1;
      if (draft.placed < count) return;
      s.draft = null;
      if (count > 1 && draft.mark.points.every(p => samePoint(p, draft.mark.points[0]))) return s.paint();
      s.selected = draft.mark.uid;
      s.shared.marks.keep(draft.mark.uid, null);
      s.shared.marks.put(draft.mark);
      rested(s);
    },
    drop: ({s}) => { s.draft = null; s.paint(); },
  };
}
