// The buttons of a toolbar: one row of groups. What has no room in it lies under "More", with label and key; those of
// the highest rank go there first, and the active tool never does.
import { make } from "../../dom/elements.js";
import { icon } from "../../dom/icons.js";
import { keysText } from "../../dom/keys.js";
import { menu } from "../../dom/menu.js";

const GROUPS = ["view", "measure", "image", "study"];
/** CSS pixels of a button with the gap behind it. */
const SLOT = 30;
/** CSS pixels between groups. */
const BETWEEN = 9;

/** @typedef {{element: HTMLButtonElement, group: string, rank: number, isTool: boolean}} Item */

export class ButtonRow {
  /** @param {Element} parent */
  constructor(parent) {
    this.row = make("div", { parent, className: "dw-buttons" });
    /** @type {Item[]} */
    this.items = [];
    this.groups = Object.fromEntries(
      GROUPS.map((name) => [name, make("span", { parent: this.row, className: "dw-group" })]),
    );
    const { menu: more, body, summary } = menu(this.row, [icon("ellipsis")], "More tools and commands");
    this.more = more;
    this.body = body;
    this.summary = summary;
    more.classList.add("dw-more");
    summary.setAttribute("aria-label", "More");
    body.addEventListener("click", (e) => {
      if (!(/** @type {Element} */ (e.target).closest("button"))) return;
      if (body.contains(document.activeElement)) summary.focus({ preventScroll: true });
      more.open = false;
    });
    body.addEventListener("keydown", (e) => this.step(e));
    /** What the row was arranged for. */
    this.known = "";
    new ResizeObserver(() => this.arrange()).observe(this.row);
  }

  /** Arrows step through what lies under "More". @param {KeyboardEvent} e */
  step(e) {
    const buttons = /** @type {HTMLElement[]} */ ([...this.body.children]);
    const to = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!to) return;
    e.preventDefault();
    e.stopPropagation();
    buttons[buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement)) + to]?.focus();
  }

  /**
   * Adds a button.
   * @param {string} name of its tool or command
   * @param {Button} row
   * @param {string[]} keys
   * @param {boolean} isTool
   * @param {() => void} click
   */
  add(name, { label, icon: drawn, hint, group = "image", rank = 2 }, keys, isTool, click) {
    const element = make(
      "button",
      {
        type: "button",
        className: isTool ? "dw-tool" : "",
        title: `${hint}\nKey: ${keysText(keys)}`,
        "aria-label": label ?? hint,
        "data-does": name,
        on: { click },
      },
      ...(drawn ? [icon(drawn)] : []),
      make("span", { className: "dw-word", text: label ?? hint }),
      make("kbd", { className: "dw-key", text: keysText(keys) }),
    );
    this.items.push({ element, group, rank, isTool });
    return element;
  }

  /** @param {HTMLButtonElement} element */
  remove(element) {
    this.items = this.items.filter((i) => i.element !== element);
    element.remove();
    this.known = "";
  }

  /** Arranges the row after a change of what is shown or active, or of the width. */
  arrange() {
    const { row, items, more, body } = this;
    const shown = items.filter((i) => !i.element.hidden);
    const active = shown.find((i) => i.isTool && i.element.getAttribute("aria-pressed") === "true");
    const now = [row.clientWidth, active?.element.dataset.does, ...shown.map((i) => i.element.dataset.does)].join();
    if (!row.clientWidth || now === this.known) return;
    this.known = now;
    const focused = row.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
    const out = this.leaving(shown, active);
    for (const name of GROUPS) {
      const staying = items.filter((i) => i.group === name && !out.has(i));
      fill(
        this.groups[name],
        staying.map((i) => i.element),
      );
      this.groups[name].hidden = !staying.some((i) => shown.includes(i));
    }
    const order = (/** @type {Item} */ i) => GROUPS.indexOf(i.group);
    const under = items.filter((i) => out.has(i)).sort((a, b) => order(a) - order(b));
    fill(
      body,
      under.map((i) => i.element),
    );
    more.hidden = !out.size;
    if (!focused || focused === document.activeElement) return;
    (body.contains(focused) && !more.open ? this.summary : focused).focus({ preventScroll: true });
  }

  /**
   * Returns what has no room.
   * @param {Item[]} shown
   * @param {Item | undefined} active
   */
  leaving(shown, active) {
    const home = active && this.groups[active.group];
    if (active && home) {
      if (!home.contains(active.element)) home.append(active.element); // to be measured with its word
      home.hidden = false;
    }
    const between = BETWEEN * (new Set(shown.map((i) => i.group)).size - 1);
    const word = active ? active.element.offsetWidth - SLOT + 2 : 0;
    const places = Math.floor((this.row.clientWidth - between - word) / SLOT);
    const order = shown.filter((i) => i !== active).reverse();
    order.sort((a, b) => b.rank - a.rank);
    return new Set(order.slice(0, places < shown.length ? shown.length - places + 1 : 0)); // "More" has a place too
  }
}

/** Leaves alone what is in place already. @type {(parent: Element, elements: Element[]) => void} */
function fill(parent, elements) {
  const same = parent.children.length === elements.length && elements.every((e, i) => parent.children[i] === e);
  if (!same) parent.replaceChildren(...elements);
}
