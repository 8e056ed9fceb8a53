// The window by numbers: width and center, or the lower and the upper level (GP13, NP2).
import { levelsOf, windowOver } from "../../core/window.js";
import { make } from "../../dom/elements.js";
import { menu } from "../../dom/menu.js";

/** @type {(window: VoiWindow) => VoiWindow} */
const plain = ({ center, width, function: kind }) => ({ center, width, function: kind });

/**
 * A number: its name, how it is read, and the window that it makes.
 * @type {[string, (w: VoiWindow) => number, (x: number, w: VoiWindow) => VoiWindow][]}
 */
const NUMBERS = [
  [
    "Width",
    (w) => w.width,
    (width, w) => ({ ...plain(w), width: Math.max(w.function === "LINEAR" ? 1 : 0.01, width) }),
  ],
  ["Center", (w) => w.center, (center, w) => ({ ...plain(w), center })],
  ["Lower", (w) => levelsOf(w).low, (low, w) => windowOver(low, Math.max(low + 0.01, levelsOf(w).high))],
  ["Upper", (w) => levelsOf(w).high, (high, w) => windowOver(Math.min(high - 0.01, levelsOf(w).low), high)],
];

/**
 * Makes the menu; returns what brings it up to date with a picture.
 * @type {(s: Surface, view: View) => (picture: Picture) => void}
 */
export function exactWindow(s, view) {
  const { menu: details, body } = menu(view.controls, ["W/L"], "The window by numbers\nKey: W");
  const shown = () => {
    const window = s.windowOf(s.picture) ?? s.picture?.voi;
    return window?.width ? /** @type {VoiWindow} */ (window) : null;
  };
  details.classList.add("dw-exact");
  details.hidden = true;
  const fields = NUMBERS.map(([text, read, make_]) => {
    const change = (/** @type {{target: HTMLInputElement}} */ { target }) => {
      const window = shown();
      if (target.value !== "" && window) s.looking({ window: make_(+target.value, window) });
    };
    const input = make("input", { type: "number", step: "any", className: "dw-number", on: { change } });
    make("label", { parent: body }, text, input);
    return { input, read };
  });
  view.exact = () => {
    if (details.hidden) return;
    details.open = true;
    fields[0].input.select();
  };
  return (picture) => {
    const window = picture.page ? null : shown();
    details.hidden = !window;
    for (const { input, read } of window ? fields : []) {
      if (window && document.activeElement !== input) input.value = String(+read(window).toPrecision(8));
    }
  };
}
