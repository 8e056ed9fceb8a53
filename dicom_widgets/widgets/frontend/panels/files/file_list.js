// A folder of the kernel's machine as a list.
import { clamp } from "../../core/numbers.js";
import { make } from "../../dom/elements.js";
import { isPlain } from "../../dom/keys.js";
import { sized } from "./upload.js";

/** @typedef {{name: string, folder: boolean, size: number | null, mark: string}} Entry */

export class FileList {
  /**
   * @param {Element} parent
   * @param {string} height
   * @param {{enter: (name: string | undefined) => void, up: () => void}} does
   */
  constructor(parent, height, does) {
    this.does = does;
    const box = { role: "listbox", tabIndex: 0, "aria-label": "Files of the folder" };
    this.list = make("div", { parent, className: "dw-files", ...box });
    this.list.style.height = height;
    this.list.addEventListener("keydown", (e) => this.key(e));
  }

  get rows() {
    const rows = /** @type {HTMLElement[]} */ ([...this.list.children]);
    return rows.filter((r) => r.dataset.name !== undefined);
  }

  /** @param {HTMLElement | undefined} row */
  choose(row) {
    for (const r of this.rows) r.setAttribute("aria-selected", String(r === row));
    row?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Entry} entry */
  row({ name, folder, size, mark }) {
    const parts = [
      { text: folder ? "▸" : mark === "DICOMDIR" ? "◎" : "▫", "aria-hidden": "true" },
      { className: "dw-name", text: name },
      { className: "dw-kind", text: mark },
      { className: "dw-size", text: sized(size) },
    ];
    const row = make(
      "div",
      {
        role: "option",
        "data-name": name,
        title: `Double click or Enter: ${folder ? "look into it" : "open it"}`,
        on: { dblclick: () => this.does.enter(name) },
      },
      ...parts.map((part) => make("span", part)),
    );
    row.addEventListener("click", () => {
      this.list.focus();
      this.choose(row);
    });
    return row;
  }

  /** @param {{entries: Entry[], filter: string, more: number}} folder */
  show({ entries, filter, more }) {
    const hint = (/** @type {string} */ text) => make("div", { parent: this.list, className: "dw-hint", text });
    this.list.replaceChildren(...entries.map((entry) => this.row(entry)));
    if (!entries.length) hint(filter ? "No name has this in it." : "Nothing here.");
    if (more) hint(`${more} more: type into the filter to find them.`);
  }

  /** @param {KeyboardEvent} e */
  key(e) {
    if (!isPlain(e)) return;
    e.stopPropagation();
    const { rows } = this;
    const at = rows.findIndex((r) => r.getAttribute("aria-selected") === "true");
    const last = rows.length - 1;
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last, PageDown: at + 10, PageUp: at - 10 };
    const to = /** @type {Record<string, number | undefined>} */ (moves)[e.key];
    const begins = (/** @type {HTMLElement} */ r) => r.dataset.name?.toLowerCase().startsWith(e.key);
    if (to !== undefined) this.choose(rows[clamp(to, 0, last)]);
    else if (e.key === "Enter") {
      if (rows[at]) this.does.enter(rows[at].dataset.name);
    } else if (e.key === "Backspace") this.does.up();
    else if (e.key.length === 1) this.choose(rows.find((r, i) => i > at && begins(r)) ?? rows[at]);
    else return;
    e.preventDefault();
  }
}
