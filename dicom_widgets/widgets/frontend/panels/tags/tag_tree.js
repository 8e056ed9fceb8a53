// The tree of a tag browser: it asks for what is unfolded, and shows it or what a search found.
import { clamp } from "../../core/numbers.js";
import { make } from "../../dom/elements.js";
import { COLUMNS, elementLine, moreLine } from "./tag_rows.js";

/**
 * @typedef {import("./tag_rows.js").Node} Node
 * @typedef {import("./tag_rows.js").Row} Row
 */

export class TagTree {
  /**
   * @param {Element} parent
   * @param {string} id by which lines are named
   * @param {object} does
   * @param {(node: Node, start: number) => void} does.ask asks for rows of a level
   * @param {(row: Row | null) => void} does.select
   * @param {() => void} does.take what Enter and a double click do with an element
   */
  constructor(parent, id, does) {
    this.id = id;
    this.does = does;
    this.nodes = 0;
    const grid = { tabIndex: 0, role: "treegrid", "aria-label": "Elements" };
    this.scroll = make("div", { parent, className: "dw-table", ...grid });
    const table = make("table", { parent: this.scroll, role: "presentation" });
    const heads = COLUMNS.map((text) =>
      make("th", { text, role: "columnheader", className: `dw-tags-${text.toLowerCase()}` }),
    );
    this.head = make("thead", { parent: table, role: "rowgroup" }, make("tr", { role: "row" }, ...heads));
    this.body = make("tbody", { parent: table, role: "rowgroup" });
    this.root = this.node(null, 0);
    /** What a search found, in the place of the tree. @type {Node | null} */
    this.found = null;
    /** The lines that are seen. @type {Node[]} */
    this.shown = [];
    /** @type {Node | null} */
    this.selected = null;
    /** Paths that are unfolded. @type {Set<string>} */
    this.open = new Set();
    /** Levels that were asked for, by their id. @type {Map<number, Node>} */
    this.asked = new Map();
  }

  /** @type {(row: Row | null, level: number) => Node} */
  node(row, level) {
    const path = row ? row.path.join("/") : "";
    return { id: this.nodes++, row, level, path, open: false, rows: null, total: 0 };
  }

  /** The row that is selected. */
  get chosen() {
    return this.selected?.row ?? null;
  }

  /** @param {Node} node */
  ask(node, start = 0) {
    this.asked.set(node.id, node);
    this.does.ask(node, start);
  }

  /** Begins anew; what is open is asked for again when its row has come. */
  renew() {
    this.asked.clear();
    this.root = this.node(null, 0);
    this.ask(this.root);
  }

  /** Returns what is to be seen of a level: rows, and where it goes on. @type {(node: Node, out?: Node[]) => Node[]} */
  flat(node, out = []) {
    for (const child of node.rows ?? []) {
      out.push(child);
      if (child.open) this.flat(child, out);
    }
    const left = node.total - (node.rows?.length ?? 0);
    if (node.rows && left > 0) {
      out.push({ ...this.node(null, node.level + 1), path: `${node.path}+`, more: node, left });
    }
    return out;
  }

  draw() {
    this.shown = this.flat(this.found ?? this.root);
    this.body.replaceChildren(...this.shown.map((node, i) => this.line(node, i)));
    const last = this.selected;
    if (last && !this.shown.includes(last)) this.selected = this.shown.find((s) => s.path === last.path) ?? null;
    this.mark();
  }

  /** @type {(node: Node, i: number) => HTMLElement} */
  line(node, i) {
    const options = { id: `${this.id}-${i}`, role: "row", "aria-level": node.level };
    const line = make("tr", { ...options, on: { click: () => this.select(node) } });
    if (node.more) {
      moreLine(line, node, () => this.goOn(node));
      return line;
    }
    elementLine(line, node, !!this.found, () => {
      this.select(node);
      this.toggle(node);
    });
    line.addEventListener("dblclick", () => (node.row?.children ? this.toggle(node) : this.does.take()));
    return line;
  }

  /** Unfolds or folds. @param {Node} node */
  toggle(node) {
    if (node.more) this.goOn(node);
    else if (node.row?.children) {
      node.open = !node.open;
      if (node.open) this.open.add(node.path);
      else this.open.delete(node.path);
      if (node.open && !node.rows) this.ask(node);
      else this.draw();
    }
  }

  /** Asks for more rows of a level. @param {Node} node */
  goOn({ more }) {
    if (more) this.ask(more, more.rows?.length ?? 0);
  }

  /** Shows which line is selected. */
  mark() {
    const { scroll, body, shown, selected } = this;
    shown.forEach((s, i) => body.rows[i].setAttribute("aria-selected", String(s === selected)));
    const i = selected ? shown.indexOf(selected) : -1;
    if (i < 0) scroll.removeAttribute("aria-activedescendant");
    else {
      scroll.setAttribute("aria-activedescendant", `${this.id}-${i}`);
      this.reveal(body.rows[i]);
    }
    this.does.select(this.chosen);
  }

  /** Brings a line into view below the header, which stays; never scrolls the notebook. @param {HTMLElement} line */
  reveal(line) {
    const { scroll } = this;
    const top = line.offsetTop - this.head.offsetHeight;
    const bottom = line.offsetTop + line.offsetHeight;
    if (top < scroll.scrollTop) scroll.scrollTop = top;
    else if (bottom > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = bottom - scroll.clientHeight;
  }

  /** @param {Node} node */
  select(node) {
    this.selected = node;
    this.mark();
  }

  /**
   * Takes in rows of a level; returns it, or nothing where a switch was turned meanwhile, or they are here already.
   * @param {{node: number, start: number, rows: Row[], total: number}} message
   */
  take({ node, start, rows, total }) {
    const at = this.asked.get(node);
    if (!at || start !== (at.rows?.length ?? 0)) return null;
    const came = rows.map((r) => this.node(r, at.level + 1));
    at.rows = [...(at.rows ?? []), ...came];
    at.total = total;
    this.draw();
    const only = total === 1 && came[0] && !came[0].row?.tag; // the only item of a sequence is unfolded with it
    for (const s of came) if ((only || this.open.has(s.path)) && !s.open) this.toggle(s);
    return at;
  }

  /** Does what a key says; returns whether it did anything. @param {string} key */
  key(key) {
    const { shown, selected, scroll } = this;
    const i = selected ? shown.indexOf(selected) : -1;
    const s = shown[i];
    const page = Math.max(1, Math.floor(scroll.clientHeight / 24) - 2);
    const last = shown.length - 1;
    const moves = { ArrowDown: i + 1, ArrowUp: i - 1, PageDown: i + page, PageUp: i - page, Home: 0, End: last };
    const to = /** @type {Record<string, number | undefined>} */ (moves)[key];
    if (to !== undefined) {
      if (shown.length) this.select(shown[clamp(to, 0, last)]);
    } else if (key === "ArrowRight" && s) this.into(s);
    else if (key === "ArrowLeft" && s) this.outOf(s, i);
    else if (key === "Enter" && s) {
      if (s.more) this.goOn(s);
      else this.does.take();
    } else return false;
    return true;
  }

  /** Unfolds, or goes to the first row inside. @param {Node} node */
  into(node) {
    if (node.more || !node.open) this.toggle(node);
    else if (node.rows?.length) this.select(node.rows[0]);
  }

  /** Folds, or goes to the row that a line lies in. @type {(node: Node, i: number) => void} */
  outOf(node, i) {
    if (node.open) return this.toggle(node);
    const above = this.shown.slice(0, Math.max(0, i)).findLast((s) => s.level < node.level);
    if (above) this.select(above);
  }
}
