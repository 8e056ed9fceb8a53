import { opacityOf } from "../../core/color_overlay.js";
import { make } from "../../dom/elements.js";
import { toggle } from "../state/switches.js";

// A row of the Layers menu: on and off, and how much is seen of what was added.
export function switchRow(s, picture, name, text) {
  const row = make("label", {}, make("input", {type: "checkbox", name, on: {change: () => toggle(s, name)}}), text);
  if (picture.layers.some(l => l.name === name)) make("input", {
    parent: row, type: "range", min: 0, max: 100, className: "dw-opacity", name, title: "Opacity", "aria-label": `Opacity of ${text}`,
    on: {input: e => s.change({opacity: {...s.opacity, [name]: +e.target.value / 100}}), change: () => s.settle()},
  });
  return row;
}

export function followSwitches(s, picture, menu) {
  for (const input of menu.querySelectorAll("input")) {
    if (input.type === "checkbox") input.checked = !s.look.hidden.includes(input.name);
    else if (input !== document.activeElement) input.value = 100 * opacityOf(s, picture.layers.find(l => l.name === input.name));
  }
}
