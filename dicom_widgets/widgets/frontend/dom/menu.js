// Menus: a button that opens something below it; Escape closes it, and a press elsewhere.
import { make } from "./elements.js";

/**
 * @param {Element | null} parent
 * @param {(Node | string)[]} words on the button
 * @param {string} title
 * @returns {{menu: HTMLDetailsElement, body: HTMLDivElement, summary: HTMLElement}}
 */
export function menu(parent, words, title) {
  const details = make("details", { parent, className: "dw-menu" });
  const summary = make("summary", { parent: details, title }, ...words);
  const body = make("div", { parent: details });
  const elsewhere = (/** @type {Event} */ e) => {
    if (details.contains(/** @type {Node} */ (e.target))) return;
    const { activeElement } = document;
    if (activeElement instanceof HTMLElement && details.contains(activeElement)) activeElement.blur(); // takes a number
    details.open = false;
  };
  details.addEventListener("toggle", () => {
    document[details.open ? "addEventListener" : "removeEventListener"]("pointerdown", elsewhere, true);
    fit(details, body);
  });
  details.addEventListener("keydown", (e) => {
    if (e.key !== "Escape" || !details.open) return;
    details.open = false;
    summary.focus();
    e.stopPropagation();
  });
  return { menu: details, body, summary };
}

/**
 * Lets a menu near the right edge open to the left, as high as the view lets it be.
 * @param {HTMLDetailsElement} details
 * @param {HTMLElement} body
 */
function fit(details, body) {
  const view = details.closest(".dw-viewport, .dw-cells, .dw-mpr")?.getBoundingClientRect();
  const at = details.getBoundingClientRect();
  if (!details.open || !view) return;
  body.style.left = `${Math.min(0, view.right - 8 - at.left - body.offsetWidth)}px`;
  body.style.maxHeight = `${Math.max(80, view.bottom - 8 - at.bottom)}px`;
}
