import { make } from "./elements.js";

export function menu(parent, words, title) { // a button that opens something below it; Escape closes it, and a press elsewhere
  const elsewhere = e => {
    if (details.contains(e.target)) return;
    if (details.contains(document.activeElement)) document.activeElement.blur(); // a number that was typed is taken
    details.open = false;
  };
  const watch = () => document[details.open ? "addEventListener" : "removeEventListener"]("pointerdown", elsewhere, true);
  const body = make("div"), inside = () => { // a menu near the right edge opens to the left, and is as high as the view lets it be
    const view = details.closest(".dw-viewport, .dw-cells, .dw-mpr")?.getBoundingClientRect(), at = details.getBoundingClientRect();
    if (!details.open || !view) return;
    body.style.left = `${Math.min(0, view.right - 8 - at.left - body.offsetWidth)}px`;
    body.style.maxHeight = `${Math.max(80, view.bottom - 8 - at.bottom)}px`;
  };
  const details = make("details", {parent, className: "dw-menu", on: {toggle: () => { watch(); inside(); }, keydown: e => { if (e.key === "Escape" && details.open) { details.open = false; details.firstChild.focus(); e.stopPropagation(); } }}});
  make("summary", {parent: details, title}, ...words);
  details.append(body);
  return {menu: details, body};
}
