// The keys of a view: tools and commands by their tables, and what is neither.
import { isImage } from "../../core/picture.js";
import { isPlain } from "../../dom/keys.js";
import { step } from "../state/dimensions.js";
import { undo } from "../state/measurements.js";
import { zoomAt } from "../state/zooming.js";
import { COMMANDS } from "./commands.js";
import { TOOLS } from "./tools.js";

/** Frames that a key scrolls by. @type {Record<string, number>} */
const MOVES = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, PageDown: 10, PageUp: -10 };
/** @type {Record<string, number>} */
const ZOOMS = { "+": 1.25, "=": 1.25, "-": 1 / 1.25 };

/** What the help says of keys that have no row elsewhere. */
export const OTHER_KEYS = [
  ["↑ ↓ ← → PageUp PageDown Home End", "Scroll; the wheel too, once the image or its toolbar has the focus"],
  [", .", "One step along the first dimension: time, echo, detector, …"],
  ["+ −", "Zoom; Ctrl + wheel and pinch too"],
  ["1 … 9", "Window presets"],
  ["Drag", "A measurement by its line, its points or its words; a double click on its words puts them beside it again"],
  ["Ctrl + Z", "Take back what was done to measurements last: drawn, moved, removed"],
  ["Shift + arrows, Enter", "The tool without a mouse: move its cursor, press and release"],
  ["k K", "Slab of three planes: its thickness, and what is shown of it (MPR)"],
  ["Esc, Tab", "Leave the image; Esc in the toolbar goes to the image"],
  [
    "exact",
    "Bottom right: stored values, one pixel of the image in whole pixels of the screen; " +
      "else resampled, from a lossy source, or read by a guess",
  ],
];

/**
 * Does what a key says.
 * @param {KeyboardEvent} e
 * @param {Surface} s
 * @param {View} view
 * @param {{key(name: string): void, escape(): boolean}} cursor the keyboard's
 */
export function keys(e, s, view, cursor) {
  const target = /** @type {Element} */ (e.target);
  const undoes = e.key === "z" && (e.ctrlKey || e.metaKey) && !target.matches("input");
  if (undoes && undo(s)) {
    e.preventDefault();
    e.stopPropagation();
  }
  if (!isPlain(e)) return;
  e.stopPropagation(); // JupyterLab would delete cells at `d d`
  if (target.matches("select, input, summary") && e.key !== "Escape") return;
  const scrolls = e.key in { ...MOVES, Home: 0, End: 0, " ": 0 };
  if (target.closest(".dw-help") && scrolls) return; // the sheet scrolls, not what lies below it
  if (target.matches("button") && (e.key === " " || e.key === "Enter")) return;
  if (general(e, s, view, cursor) || byTable(e.key, s, view)) e.preventDefault();
}

/**
 * Does what has no row in a table; returns whether it did anything.
 * @type {(e: KeyboardEvent, s: Surface, view: View, cursor: {key(name: string): void, escape(): boolean}) => boolean}
 */
function general({ key, shiftKey }, s, view, cursor) {
  if (key === "Escape") {
    if (!view.help(false) && !view.calibrate(false) && !cursor.escape()) leave(view);
  } else if (key === "Enter" || (shiftKey && key in MOVES)) cursor.key(key);
  else if (key in MOVES) s.scroll(s.index + MOVES[key]);
  else if (key === "Home" || key === "End") s.scroll(key === "Home" ? 0 : s.sizes.length - 1);
  else if (key === "," || key === ".") step(s, 0, key === "." ? 1 : -1);
  else return false;
  return true;
}

/**
 * Does what a table says: a tool, a window, a zoom, a command.
 * @type {(key: string, s: Surface, view: View) => boolean}
 */
function byTable(key, s, view) {
  const { picture } = view;
  const tool = Object.keys(TOOLS).find((t) => TOOLS[t].key === key && (TOOLS[t].shown?.(s) ?? true));
  const command = Object.values(COMMANDS).find((c) => c.keys.includes(key));
  // The windows are those in the menu, also while the next slice is on its way.
  const preset = /^[1-9]$/.test(key) ? view.windows?.[+key - 1] : undefined;
  if (tool) s.act({ tool });
  else if (preset) s.looking({ window: preset });
  else if (key in ZOOMS && isImage(picture)) {
    zoomAt(s, view, picture, ZOOMS[key]);
    s.settle();
  } else if (command) command.run(s, view);
  else return false;
  return true;
}

/**
 * From the toolbar to the image, from there to what it stands in: the notebook's cell, where its own keys go on.
 * @param {View} view
 */
function leave({ box }) {
  const inside = document.activeElement === box;
  const out = inside ? /** @type {HTMLElement | null} */ (box.parentElement?.closest("[tabindex]")) : box;
  if (out) out.focus({ preventScroll: true });
  else box.blur();
}
