// Measuring by hand: points are set by clicks, or by dragging from one to the next. A kind of any number of points is
// traced: each move of the hand adds one, and the release ends it.
import { KINDS } from "../../core/measurements/kinds.js";
import { isMeasured } from "../../core/picture.js";
import { drawTo, rested, within } from "../state/measurements.js";

/** CSS pixels from which on a press is a drag, and no click. */
const FAR = 4;

const newUid = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");

/** @type {(press: Press) => boolean} */
const isDragged = ({ start, screen, dpr }) => Math.hypot(screen[0] - start[0], screen[1] - start[1]) > FAR * dpr;

/**
 * Begins a measurement, unless one of its kind is being made on the frame.
 * @type {(s: Surface, kind: string, picture: Picture, points: Point[]) => void}
 */
function begin(s, kind, { meaning }, points) {
  const { instance, frame, subtraction } = meaning;
  const known = s.draft?.mark;
  if (known?.kind === kind && known.instance === instance && known.frame === frame) return;
  s.draft = { placed: 0, mark: { uid: newUid(), kind, instance, frame, label: "", subtraction, points } };
}

/** Keeps what was drawn, unless all of its points are one. @type {(s: Surface, mark: Measurement) => void} */
function finish(s, mark) {
  s.draft = null;
  const [first] = mark.points;
  if (mark.points.length > 1 && mark.points.every((p) => p[0] === first[0] && p[1] === first[1])) {
    s.paint();
    return;
  }
  s.selected = mark.uid;
  s.shared.marks.keep(mark.uid, null);
  s.shared.marks.put(mark);
  rested(s);
}

/** Sets a fixed number of points. @type {(kind: string, count: number) => Drag} */
function setting(kind, count) {
  const ends = (/** @type {Press} */ press, /** @type {number} */ placed) =>
    isDragged(press) && count - placed > 1 ? 2 : 1; // a drag sets both of its ends
  return {
    down: ({ s, picture, image, screen }) => {
      if (!isMeasured(picture) || !image) return screen;
      begin(s, kind, picture, Array(count).fill(within(image, picture)));
      if (s.draft) drawTo(s, picture, image, s.draft.placed);
      return screen;
    },
    move: (press) => {
      const { s, picture, image } = press;
      if (s.draft && image && picture) drawTo(s, picture, image, s.draft.placed + ends(press, s.draft.placed) - 1);
    },
    up: (press) => {
      const { draft } = press.s;
      if (!draft) return;
      draft.placed += ends(press, draft.placed);
      if (draft.placed >= count) finish(press.s, draft.mark);
    },
  };
}

/** Traces any number of points. @type {(kind: string, least: number) => Drag} */
function tracing(kind, least) {
  return {
    down: ({ s, picture, image, screen }) => {
      s.draft = null;
      if (isMeasured(picture) && image) begin(s, kind, picture, [within(image, picture)]);
      return screen;
    },
    move: ({ s, picture, image }) => {
      if (!s.draft || !image || !picture) return;
      const { mark } = s.draft;
      s.draft.mark = { ...mark, points: [...mark.points, within(image, picture)] };
      s.paint();
    },
    up: ({ s }) => {
      const mark = s.draft?.mark;
      s.draft = null;
      if (mark && mark.points.length >= least) finish(s, mark);
      s.paint();
    },
  };
}

/**
 * Returns the tool that makes a kind of measurement.
 * @param {string} kind a key of `KINDS`
 * @returns {Drag & Pick<Tool, "cursor" | "shown">}
 */
export function measuring(kind) {
  const { points, more } = KINDS[kind];
  return {
    ...(more ? tracing(kind, points) : setting(kind, points)),
    click: true,
    cursor: "crosshair",
    shown: (s) => !s.cross, // a plane of a volume is no image of the object
    drop: ({ s }) => {
      s.draft = null;
      s.paint();
    },
  };
}
