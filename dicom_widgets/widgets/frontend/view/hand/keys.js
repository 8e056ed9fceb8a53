import { isImage } from "../../core/picture.js";
import { isPlain } from "../../dom/keys.js";
import { COMMANDS } from "./commands.js";
import { TOOLS } from "./tools.js";
import { step } from "../state/dimensions.js";
import { undo } from "../state/measurements.js";
import { zoomAt } from "../state/zooming.js";

const MOVES = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, PageDown: 10, PageUp: -10};

const ZOOMS = {"+": 1.25, "=": 1.25, "-": 1 / 1.25};

export function keys(e, s, view, cursor) {
  if (e.key === "z" && (e.ctrlKey || e.metaKey) && !e.target.matches("input") && undo(s)) { e.preventDefault(); e.stopPropagation(); }
  if (!isPlain(e)) return;
  e.stopPropagation(); // JupyterLab would delete cells at `d d`
  if (e.target.matches("select, input, summary") && e.key !== "Escape") return;
  if (e.target.closest(".dw-help") && e.key in {...MOVES, Home: 0, End: 0, " ": 0}) return; // the sheet scrolls, not what lies below it
  if (e.target.matches("button") && (e.key === " " || e.key === "Enter")) return;
  const {picture} = view, last = s.sizes.length - 1;
  const tool = Object.keys(TOOLS).find(t => TOOLS[t].key === e.key && (TOOLS[t].shown?.(s) ?? true)), command = Object.values(COMMANDS).find(c => c.keys.includes(e.key));
  const preset = /^[1-9]$/.test(e.key) ? view.windows?.[e.key - 1] : null; // those in the menu, also while the next slice is on its way
  if (e.key === "Escape") { if (!view.help(false) && !view.calibrate(false) && !cursor.escape()) leave(view); }
  else if (e.key === "Enter" || (e.shiftKey && e.key in MOVES)) cursor.key(e.key);
  else if (e.key in MOVES) s.scroll(s.index + MOVES[e.key]);
  else if (e.key === "Home" || e.key === "End") s.scroll(e.key === "Home" ? 0 : last);
  else if (e.key === "," || e.key === ".") step(s, 0, e.key === "." ? 1 : -1);
  else if (tool) s.act({tool});
  else if (preset) s.looking({window: preset});
  else if (e.key in ZOOMS && isImage(picture)) { zoomAt(s, view, picture, ZOOMS[e.key]); s.settle(); }
  else if (command) command.run(s, view);
  else return;
  e.preventDefault();
}

function leave({box}) { // from the toolbar to the image, from there to what it stands in: the notebook's cell, where its own keys go on
  const out = document.activeElement === box ? box.parentElement.closest("[tabindex]") : box;
  if (out) out.focus({preventScroll: true}); else box.blur();
}

export const OTHER_KEYS = [ // for the help
  ["↑ ↓ ← → PageUp PageDown Home End", "Scroll; the wheel too, once the image or its toolbar has the focus"],
  [", .", "One step along the first dimension: time, echo, detector, …"],
  ["+ −", "Zoom; Ctrl + wheel and pinch too"],
  ["1 … 9", "Window presets"],
  ["Drag", "A measurement by its line, its points or its words; a double click on its words puts them beside it again"],
  ["Ctrl + Z", "Take back what was done to measurements last: drawn, moved, removed"],
  ["Shift + arrows, Enter", "The tool without a mouse: move its cursor, press and release"],
  ["k K", "Slab of three planes: its thickness, and what is shown of it (MPR)"],
  ["Esc, Tab", "Leave the image; Esc in the toolbar goes to the image"],
  ["exact", "Bottom right: stored values, one pixel of the image in whole pixels of the screen; else resampled, from a lossy source, or read by a guess"],
];
