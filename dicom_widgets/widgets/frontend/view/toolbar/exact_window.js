import { levelsOf, windowOver } from "../../core/window.js";
import { make } from "../../dom/elements.js";
import { menu } from "../../dom/menu.js";

export function exactWindow(s, view) { // the window by number: width and center, or the lower and the upper level (GP13, NP2)
  const {menu: details, body} = menu(view.controls, ["W/L"], "The window by numbers\nKey: W"), shown = () => s.windowOf(s.picture) ?? s.picture?.voi;
  details.classList.add("dw-exact");
  details.hidden = true;
  const field = (text, read, write) => {
    const input = make("input", {type: "number", step: "any", className: "dw-number", on: {change: e => {
      const window = shown();
      if (e.target.value === "" || !window?.width) return;
      s.looking({window: write(+e.target.value, window)});
    }}});
    make("label", {parent: body}, text, input);
    return window => { if (document.activeElement !== input) input.value = +read(window).toPrecision(8); };
  };
  const plain = ({center, width, function: kind}) => ({center, width, function: kind});
  view.exact = () => {
    if (details.hidden) return;
    details.open = true;
    body.querySelector("input").select();
  };
  const fields = [
    field("Width", w => w.width, (width, w) => ({...plain(w), width: Math.max(w.function === "LINEAR" ? 1 : 0.01, width)})),
    field("Center", w => w.center, (center, w) => ({...plain(w), center})),
    field("Lower", w => levelsOf(w).low, (low, w) => windowOver(low, Math.max(low + 0.01, levelsOf(w).high))),
    field("Upper", w => levelsOf(w).high, (high, w) => windowOver(Math.min(high - 0.01, levelsOf(w).low), high)),
  ];
  return picture => {
    const window = picture.page ? null : shown();
    details.hidden = !window?.width;
    if (window?.width) for (const update of fields) update(window);
  };
}
