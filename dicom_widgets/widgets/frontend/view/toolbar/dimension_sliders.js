import { along, stackAt } from "../../core/dimensions.js";
import { make } from "../../dom/elements.js";

export function dimensions(s, parent) { // the sliders; returns what brings them up to date
  const box = make("div", {parent, className: "dw-dims"});
  let known = null, sliders = [];
  return () => {
    const stack = stackAt(s);
    box.hidden = !stack;
    if (!stack) return;
    if (known !== stack) {
      known = stack;
      box.replaceChildren();
      sliders = stack.axes.map(({name, labels}, axis) => {
        const label = make("label", {parent: box}), words = make("span", {parent: label});
        const input = make("input", {parent: label, type: "range", min: 0, max: labels.length - 1, "aria-label": name, on: {input: e => s.scroll(along(s, axis, +e.target.value))}});
        return {words, input};
      });
    }
    stack.axes.forEach(({name, values, labels}, axis) => {
      const place = values[s.index - stack.from], {words, input} = sliders[axis];
      input.value = place;
      words.textContent = `${name} ${labels[place]}`;
    });
  };
}
