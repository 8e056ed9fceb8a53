import { make } from "../../dom/elements.js";
import { menu } from "../../dom/menu.js";
import { say } from "../../runtime/page.js";

export function maskMenu(s, view) { // which frame is the mask, and where it lies, by numbers
  const {menu: details, body} = menu(view.controls, ["Mask"], "Mask of the subtraction: its frame, and by how many pixels it is moved");
  details.classList.add("dw-exact");
  details.hidden = true;
  const field = (text, options, read, write) => {
    const input = make("input", {type: "number", className: "dw-number", ...options, on: {change: e => {
      const below = s.picture?.meaning?.subtraction, given = below && e.target.value !== "" && write(+e.target.value, below);
      if (given) say(s.model, {type: "subtraction", given});
    }}});
    make("label", {parent: body}, text, input);
    return below => { if (document.activeElement !== input) input.value = read(below); };
  };
  const moved = (axis, by, [mask, offset, contrast, shift]) => [mask, offset, contrast, shift.map((x, i) => (i === axis ? by : x))];
  const fields = [
    field("Frame", {min: 1, step: 1}, ([mask]) => mask[0] ?? "", (frame, [, , contrast, shift]) => frame >= 1 && [[Math.round(frame)], null, contrast, shift]),
    field("Down", {step: 0.1}, b => +b[3][0].toFixed(3), (by, below) => moved(0, by, below)),
    field("Left", {step: 0.1}, b => +b[3][1].toFixed(3), (by, below) => moved(1, by, below)),
  ];
  return picture => {
    const below = picture.meaning?.subtraction;
    details.hidden = !below;
    if (below) for (const update of fields) update(below);
  };
}
