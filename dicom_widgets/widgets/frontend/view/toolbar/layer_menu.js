// The menu of what is painted over an image: on and off, and how much is seen of what was added.
import { opacityOf } from "../../core/color_overlay.js";
import { make } from "../../dom/elements.js";
import { icon } from "../../dom/icons.js";
import { menu } from "../../dom/menu.js";
import { switchesOf, toggle } from "../state/switches.js";

const TITLE = "Shutter, overlays, annotations and what was added: each can be switched off [o]";

/**
 * Makes the menu; returns what brings it up to date with a picture.
 * @type {(s: Surface, parent: Element) => (picture: Picture) => void}
 */
export function layerMenu(s, parent) {
  const { menu: layers, body } = menu(parent, [icon("layers"), make("span", { text: " Layers" })], TITLE);
  layers.classList.add("dw-layers");
  layers.hidden = true; // until there is something in it
  return (picture) => {
    const named = Object.entries(switchesOf(picture, s));
    const known = JSON.stringify(named);
    layers.hidden = !named.length;
    if (body.dataset.known !== known) {
      body.dataset.known = known;
      body.replaceChildren(...named.map(([name, text]) => switchRow(s, picture, name, text)));
    }
    for (const input of body.querySelectorAll("input")) {
      const layer = picture.layers?.find((l) => l.name === input.name);
      if (input.type === "checkbox") input.checked = !s.look.hidden.includes(input.name);
      else if (layer && input !== document.activeElement) input.value = String(100 * opacityOf(s, layer));
    }
  };
}

/** @type {(s: Surface, picture: Picture, name: string, text: string) => HTMLElement} */
function switchRow(s, picture, name, text) {
  const box = make("input", { type: "checkbox", name, on: { change: () => toggle(s, name) } });
  const row = make("label", {}, box, text);
  if (!picture.layers.some((l) => l.name === name)) return row;
  make("input", {
    parent: row,
    type: "range",
    min: 0,
    max: 100,
    className: "dw-opacity",
    name,
    title: "Opacity",
    "aria-label": `Opacity of ${text}`,
    on: {
      input: (e) => s.change({ opacity: { ...s.opacity, [name]: +e.target.value / 100 } }),
      change: () => s.settle(),
    },
  });
  return row;
}
