// The menus of a viewer: its rows and columns, and what is linked.
import { make } from "../../dom/elements.js";
import { icon } from "../../dom/icons.js";
import { menu } from "../../dom/menu.js";
import { LINKS } from "../../view/state/links.js";

/** Rows and columns that can be chosen, at most. */
const MOST = 3;
/** @type {Record<string, number>} */
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -MOST, ArrowDown: MOST };

/**
 * Makes the menu of rows and columns: arrows move in it, Enter takes.
 * @param {Element} parent
 * @param {(shape: [rows: number, columns: number]) => void} choose
 */
export function layoutMenu(parent, choose) {
  const { menu: details, body, summary } = menu(parent, [], "Layout: rows and columns [d]");
  body.classList.add("dw-layouts");
  const take = (/** @type {[number, number]} */ shape) => {
    details.open = false;
    summary.focus({ preventScroll: true });
    choose(shape);
  };
  const buttons = Array.from({ length: MOST * MOST }, (_, i) => {
    /** @type {[number, number]} */
    const shape = [Math.floor(i / MOST) + 1, (i % MOST) + 1];
    const title = `${shape[0]} rows, ${shape[1]} columns`;
    return make("button", {
      parent: body,
      type: "button",
      text: shape.join("×"),
      title,
      on: { click: () => take(shape) },
    });
  });
  body.addEventListener("keydown", (e) => {
    if (!(e.key in STEPS)) return;
    e.preventDefault();
    buttons[buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement)) + STEPS[e.key]]?.focus();
  });
  return {
    open: () => {
      details.open = true;
      buttons.find((b) => b.getAttribute("aria-pressed") === "true")?.focus({ preventScroll: true });
    },
    update: (/** @type {number} */ rows, /** @type {number} */ columns) => {
      summary.replaceChildren(icon("layout-grid"), ` ${rows}×${columns}`);
      const now = (rows - 1) * MOST + columns - 1;
      buttons.forEach((b, i) => b.setAttribute("aria-pressed", String(i === now)));
    },
  };
}

/**
 * Makes the menu of links.
 * @param {Element} parent
 * @param {(kinds: string[]) => void} choose
 */
export function linkMenu(parent, choose) {
  const title = "Link the images: what the hand does on one is done on all [k]";
  const { menu: details, body, summary } = menu(parent, [], title);
  /** @type {HTMLInputElement[]} */
  const boxes = Object.entries(LINKS).map(([name, [text, words]]) => {
    const change = () => choose(boxes.filter((b) => b.checked).map((b) => b.name));
    const box = make("input", { type: "checkbox", name, on: { change } });
    make("label", { parent: body, title: words }, box, text);
    return box;
  });
  const update = (/** @type {string[]} */ linked, /** @type {boolean} */ several) => {
    details.hidden = !several;
    const words = linked.map((kind) => LINKS[kind][0].split(" ")[0]).join(", ");
    summary.replaceChildren(icon("link"), ` ${words || "Link"}`);
    details.classList.toggle("dw-on", linked.length > 0);
    for (const box of boxes) box.checked = linked.includes(box.name);
  };
  return { update };
}
