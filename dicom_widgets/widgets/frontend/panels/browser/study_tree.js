// What a query found: studies, and the series and instances in them.
import { clamp } from "../../core/numbers.js";
import { make } from "../../dom/elements.js";
import { isPlain } from "../../dom/keys.js";

const COLUMNS = [
  "Patient / series / instance",
  "ID",
  "Date",
  "Modality",
  "Description",
  "Images",
  "Here",
  "Birth date",
  "Accession",
];

/** @typedef {{path: string, level: string, cells: string[]}} Row */

/** @type {(path: string) => string} */
const parentOf = (path) => path.split("/").slice(0, -1).join("/");

export class StudyTree {
  /**
   * @param {Element} parent
   * @param {object} does
   * @param {(path: string) => void} does.select
   * @param {(path: string) => void} does.expand
   * @param {(path: string, keyed: boolean) => void} does.view
   * @param {AbortSignal} signal
   */
  constructor(parent, does, signal) {
    this.does = does;
    /** @type {Row[]} */
    this.rows = [];
    /** Paths that are unfolded. @type {Set<string>} */
    this.open = new Set();
    /** @type {string | null} */
    this.selected = null;
    const grid = { tabIndex: 0, role: "treegrid", "aria-label": "Results" };
    this.scroll = make("div", { parent, className: "dw-table", ...grid });
    const table = make("table", { parent: this.scroll, role: "presentation" });
    const heads = COLUMNS.map((text) => make("th", { text, role: "columnheader" }));
    make("thead", { parent: table, role: "rowgroup" }, make("tr", { role: "row" }, ...heads));
    this.body = make("tbody", { parent: table, role: "rowgroup" });
    this.scroll.addEventListener("keydown", (e) => this.key(e), { signal });
  }

  /** @param {string} path */
  select(path) {
    this.selected = path;
    for (const row of this.body.rows) row.setAttribute("aria-selected", String(row.dataset.path === path));
    this.body.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
    this.does.select(path);
  }

  /** Unfolds or folds. @param {string} path */
  toggle(path) {
    if (!this.open.delete(path)) {
      this.open.add(path);
      this.does.expand(path);
    }
    this.draw();
  }

  /** Whether all that a row lies in is unfolded. @param {string} path */
  isVisible(path) {
    for (let p = parentOf(path); p; p = parentOf(p)) if (!this.open.has(p)) return false;
    return true;
  }

  /** @type {(rows: Row[], open: string[]) => void} */
  show(rows, open) {
    this.rows = rows;
    for (const path of open) this.open.add(path);
    if (!rows.some((r) => r.path === this.selected)) this.selected = null;
    this.draw();
  }

  draw() {
    this.body.replaceChildren(...this.rows.filter((r) => this.isVisible(r.path)).map((r) => this.line(r)));
  }

  /** @param {Row} row */
  line({ path, level, cells }) {
    const leaf = level === "IMAGE";
    const isOpen = this.open.has(path);
    const fold = (/** @type {Event} */ e) => {
      e.stopPropagation();
      this.toggle(path);
    };
    const twist = make("span", { className: "dw-twist", text: leaf ? "" : isOpen ? "▾" : "▸", on: { click: fold } });
    const line = make(
      "tr",
      {
        className: `dw-level-${level}`,
        role: "row",
        "aria-level": path.split("/").length,
        "aria-selected": path === this.selected,
        on: { click: () => this.select(path), dblclick: () => this.does.view(path, false) },
      },
      ...cells.map((text, i) => make("td", { title: text, role: "gridcell" }, ...(i ? [text] : [twist, text]))),
    );
    line.dataset.path = path;
    if (!leaf) line.setAttribute("aria-expanded", String(isOpen));
    return line;
  }

  /** @param {KeyboardEvent} e */
  key(e) {
    if (!isPlain(e)) return;
    e.stopPropagation();
    const { selected } = this;
    const shown = [...this.body.rows].map((r) => r.dataset.path ?? "");
    const i = shown.indexOf(selected ?? "");
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      this.select(shown[clamp(i + (e.key === "ArrowDown" ? 1 : -1), 0, shown.length - 1)]);
    } else if (e.key === "ArrowRight" && selected && !this.open.has(selected)) this.toggle(selected);
    else if (e.key === "ArrowLeft" && selected && this.open.has(selected)) this.toggle(selected);
    else if (e.key === "Enter" && selected) this.does.view(selected, true);
    else return;
    e.preventDefault();
  }
}
