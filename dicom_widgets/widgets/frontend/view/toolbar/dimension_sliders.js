// One slider for each axis along which the frames of a stack differ (requirements MF2, NP1).
import { stackAt } from "../../core/dimensions.js";
import { make } from "../../dom/elements.js";
import { scrollAlong } from "../state/dimensions.js";

/** Makes the sliders; returns what brings them up to date. @type {(s: Surface, parent: Element) => () => void} */
export function dimensionSliders(s, parent) {
  const box = make("div", { parent, className: "dw-dims" });
  /** @type {Dimensions | null} */
  let known = null;
  /** @type {{words: HTMLElement, input: HTMLInputElement}[]} */
  let sliders = [];
  return () => {
    const stack = stackAt(s.dims, s.index);
    box.hidden = !stack;
    if (!stack) return;
    if (known !== stack) {
      known = stack;
      box.replaceChildren();
      sliders = stack.axes.map(({ name, labels }, axis) => {
        const label = make("label", { parent: box });
        const words = make("span", { parent: label });
        const on = { input: (/** @type {any} */ e) => scrollAlong(s, axis, +e.target.value) };
        const range = { type: "range", min: 0, max: labels.length - 1 };
        return { words, input: make("input", { parent: label, ...range, "aria-label": name, on }) };
      });
    }
    stack.axes.forEach(({ name, values, labels }, axis) => {
      const at = values[s.index - stack.from];
      sliders[axis].input.value = String(at);
      sliders[axis].words.textContent = `${name} ${labels[at]}`;
    });
  };
}
