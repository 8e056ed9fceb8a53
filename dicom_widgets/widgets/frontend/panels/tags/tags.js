// All elements of an instance: a tree that asks for what is unfolded, a search over all of it, the whole of one value.
import { toClipboard } from "../../dom/clipboard.js";
import { make } from "../../dom/elements.js";
import { isPlain, keepPlain } from "../../dom/keys.js";
import { hear, say } from "../../runtime/page.js";
import { reveal } from "../../view/state/panels_below.js";
import { TagDetail, isPartial } from "./tag_detail.js";
import { counted, valueText } from "./tag_rows.js";
import { TagTree } from "./tag_tree.js";

/** @typedef {import("./tag_rows.js").Row} Row */

class TagBrowser {
  /** @param {Mounting} mounting */
  constructor({ model, el, signal }) {
    this.me = Math.random().toString(36).slice(2);
    this.tell = (/** @type {object} */ message) => say(model, { ...message, view: this.me });
    this.root = make("div", { parent: el, className: "dw-tags", role: "group", "aria-label": "Tag browser" });
    const head = make("div", { parent: this.root, className: "dw-tags-head" });
    this.title = make("b", { parent: head });
    this.detail = make("span", { parent: head, className: "dw-hint" });
    this.status = make("div", { parent: head, className: "dw-status", role: "status" });
    const bar = make("div", { parent: this.root, className: "dw-actions" });
    this.search = make("input", {
      parent: bar,
      type: "search",
      maxLength: 200,
      "aria-label": "Search",
      placeholder: "Search: 0010,0010 or words of a name or a value  ( / )",
    });
    const tick = (/** @type {string} */ text, /** @type {string} */ title) => {
      const box = make("input", { type: "checkbox", checked: true });
      make("label", { parent: bar, className: "dw-tags-switch", title }, box, text);
      box.addEventListener("change", () => this.renew(), { signal });
      return box;
    };
    this.personal = tick("private", "Show private elements");
    this.empty = tick("empty", "Show elements without a value");
    this.copies = this.copyButtons(bar);
    this.tree = new TagTree(this.root, `dw-tags-${this.me}`, {
      ask: ({ id, row }, start) =>
        this.tell({ type: "rows", node: id, path: row?.path ?? [], start, ...this.switches }),
      select: (row) => this.selected(row),
      take: () => this.copyValue(),
    });
    this.pane = new TagDetail(this.root, (path, all) => this.tell({ type: "value", path, ...(all ? { all } : {}) }));
    /** The number of the search whose answers count. */
    this.n = 0;
    this.timer = 0;
    this.listen(signal);
  }

  /** @param {Element} parent */
  copyButtons(parent) {
    /** @type {[text: string, className: string, title: string, click: () => void][]} */
    const rows = [
      ["Copy value", "dw-copy-value", "Copy the value of the selected row (Enter)", () => this.copyValue()],
      ["Copy row", "dw-copy-row", "Copy tag, VR, name and value, with tabulators between them", () => this.copyRow()],
      [
        "Copy expression",
        "dw-copy-expression",
        "Copy how pydicom is asked for it",
        () => this.copy(this.tree.chosen?.expression ?? ""),
      ],
    ];
    return rows.map(([text, className, title, click]) =>
      make("button", { parent, type: "button", text, className, title, disabled: true, on: { click } }),
    );
  }

  get switches() {
    return { private: this.personal.checked, empty: this.empty.checked };
  }

  told(/** @type {string} */ words, error = false) {
    this.status.textContent = this.status.title = words;
    this.status.classList.toggle("dw-error", error);
  }

  /** @param {Row | null} row */
  selected(row) {
    for (const b of this.copies) b.disabled = !row;
    this.pane.show(row);
  }

  /** @param {string} text */
  async copy(text) {
    const words = text.length > 60 ? `${counted(text.length, "character")}` : text;
    const done = await toClipboard(text, this.root);
    this.told(done ? `Copied: ${words}` : "The browser does not allow to copy.", !done);
  }

  /** Copies the whole of the selected value; what is not here is asked for. */
  copyValue() {
    const row = this.tree.chosen;
    if (!row) return;
    if (isPartial(row)) this.tell({ type: "value", path: row.path, all: true, copy: true });
    else this.copy(row.value);
  }

  copyRow() {
    const row = this.tree.chosen;
    if (row) this.copy([row.tag || row.name, row.vr, row.keyword || row.name, valueText(row)].join("\t"));
  }

  seek() {
    clearTimeout(this.timer);
    const words = this.search.value.trim();
    const { tree } = this;
    this.n++;
    if (words) {
      tree.found = { ...tree.node(null, 0), rows: [] };
      this.told("Searching …");
      this.tell({ type: "search", n: this.n, words, ...this.switches });
    } else {
      tree.found = null;
      this.told(counted(tree.root.total, "element"));
      tree.draw();
    }
  }

  renew() {
    this.tree.renew();
    if (this.tree.found) this.seek();
  }

  /** @param {AbortSignal} signal */
  listen(signal) {
    const { search, tree } = this;
    const input = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.seek(), 200);
    };
    search.addEventListener("input", input, { signal });
    search.addEventListener("keydown", (e) => this.searchKey(e), { signal });
    const key = (/** @type {KeyboardEvent} */ e) => {
      if (!isPlain(e)) return;
      if (e.key === "/") search.focus();
      else if (e.key === "Escape") this.leave();
      else if (!tree.key(e.key)) return;
      e.preventDefault();
    };
    tree.scroll.addEventListener("keydown", key, { signal });
    this.root.addEventListener("keydown", keepPlain, { signal });
  }

  /** @param {KeyboardEvent} e */
  searchKey(e) {
    const { search, tree } = this;
    if (e.key === "Escape" && search.value) {
      search.value = "";
      this.seek();
    } else if (["Escape", "ArrowDown", "Enter"].includes(e.key)) {
      if (e.key === "Enter") this.seek();
      tree.scroll.focus();
      if (!tree.selected && tree.shown.length) tree.select(tree.shown[0]);
    } else return;
    e.preventDefault();
  }

  /** Back to the notebook, which then has its own keys. */
  leave() {
    /** @type {HTMLElement | null} */ (document.activeElement)?.blur();
    const cell = this.root.parentElement?.closest(".jp-Cell, .jp-Notebook, [tabindex]");
    /** @type {HTMLElement | null | undefined} */ (cell)?.focus({ preventScroll: true });
  }

  /** @param {{n: number, rows: Row[], done: boolean, more: boolean}} message */
  found({ n, rows, done, more }) {
    const { tree } = this;
    if (n !== this.n || !tree.found) return;
    const all = [...(tree.found.rows ?? []), ...rows.map((r) => tree.node(r, 1))];
    tree.found.rows = all;
    tree.found.total = all.length;
    const words = all.length ? `${counted(all.length, "element")} found` : "Nothing matches.";
    const most = `The first ${all.length} that match: add a word to narrow it down.`;
    this.told(done ? (more ? most : words) : "Searching …");
    tree.draw();
  }

  /** @param {{path: (string | number)[], text: string, cut: boolean, all: boolean, copy?: boolean}} message */
  value({ path, text, cut, all, copy }) {
    if (copy) this.copy(text);
    const row = this.tree.chosen;
    const name = path.join("/");
    this.pane.whole = { path: name, text, cut, all };
    if (row && row.path.join("/") === name) this.pane.show(row);
  }

  /** Hears the kernel; what is meant for another view of the browser does not count. @param {Model} model */
  hear(model) {
    const { tree, me } = this;
    /** @type {Record<string, (message: any) => void>} */
    const table = {
      head: ({ title, detail }) => {
        this.title.textContent = title;
        this.detail.textContent = detail;
      },
      rows: (message) => {
        const level = tree.take(message);
        if (level && level === tree.root && !tree.found) this.told(counted(level.total, "element"));
      },
      found: (message) => this.found(message),
      value: (message) => this.value(message),
      renew: () => {
        this.pane.whole = null;
        this.renew();
      },
      error: ({ words }) => this.told(words, true),
    };
    const own = Object.entries(table).map(([type, method]) => [
      type,
      (/** @type {{to?: string}} */ message) => {
        if (!message.to || message.to === me) method(message);
      },
    ]);
    return hear(model, Object.fromEntries(own));
  }
}

/** @param {Shared} shared @returns {Mount} */
export function tagsPart(shared) {
  return function mount(mounting) {
    const { model } = mounting;
    const browser = new TagBrowser(mounting);
    const { scroll } = browser.tree;
    const resize = () => {
      scroll.style.height = model.get("height");
    };
    resize();
    reveal(shared, "tags", browser.root);
    const unhear = browser.hear(model);
    model.on("change:height", resize);
    browser.tell({ type: "ready" });
    browser.tree.ask(browser.tree.root);
    return () => {
      unhear();
      model.off("change:height", resize);
      clearTimeout(browser.timer);
      clearTimeout(browser.pane.timer);
    };
  };
}
