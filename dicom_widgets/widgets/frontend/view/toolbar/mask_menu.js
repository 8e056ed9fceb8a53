// The mask of a subtraction by numbers: its frame, and by how many pixels it is moved (CI8).
import { make } from "../../dom/elements.js";
import { menu } from "../../dom/menu.js";
import { say } from "../../runtime/page.js";

/** @typedef {SubtractionMessage} Given */

/** @type {(axis: number) => (by: number, given: Given) => Given} */
const moved =
  (axis) =>
  (by, [mask, offset, contrast, shift]) => [mask, offset, contrast, shift.map((x, i) => (i === axis ? by : x))];

/**
 * A number: its name, its options, how it is read, and the subtraction that it makes.
 * @type {[string, object, (b: Given) => number | string, (x: number, b: Given) => Given | null][]}
 */
const NUMBERS = [
  [
    "Frame",
    { min: 1, step: 1 },
    ([mask]) => mask[0] ?? "",
    (frame, [, , contrast, shift]) => (frame >= 1 ? [[Math.round(frame)], null, contrast, shift] : null),
  ],
  ["Down", { step: 0.1 }, ([, , , shift]) => +shift[0].toFixed(3), moved(0)],
  ["Left", { step: 0.1 }, ([, , , shift]) => +shift[1].toFixed(3), moved(1)],
];

/**
 * Makes the menu; returns what brings it up to date with a picture.
 * @type {(s: Surface, view: View) => (picture: Picture) => void}
 */
export function maskMenu(s, view) {
  const title = "Mask of the subtraction: its frame, and by how many pixels it is moved";
  const { menu: details, body } = menu(view.controls, ["Mask"], title);
  details.classList.add("dw-exact");
  details.hidden = true;
  const fields = NUMBERS.map(([text, options, read, made]) => {
    const change = (/** @type {{target: HTMLInputElement}} */ { target }) => {
      const below = s.picture?.meaning?.subtraction;
      const given = below && target.value !== "" && made(+target.value, below);
      if (given) say(s.model, { type: "subtraction", given });
    };
    const input = make("input", { type: "number", className: "dw-number", ...options, on: { change } });
    make("label", { parent: body }, text, input);
    return { input, read };
  });
  return (picture) => {
    const below = picture.meaning?.subtraction;
    details.hidden = !below;
    if (!below) return;
    for (const { input, read } of fields) if (document.activeElement !== input) input.value = String(read(below));
  };
}
