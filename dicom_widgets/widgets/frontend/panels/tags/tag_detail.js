// The selected element of a tag browser, with the whole of its value.
import { make } from "../../dom/elements.js";
import { counted, valueText } from "./tag_rows.js";

/** @typedef {import("./tag_rows.js").Row} Row */

/** Value representations that may have several lines, of which a row shows one. */
const TEXTS = new Set(["ST", "LT", "UT"]);
/** ms that a row is selected before the whole of its value is asked for. */
const LATER = 120;

/** @type {(row: Row) => boolean} Whether a row shows a part of its value. */
export const isPartial = (row) => !!row.tag && (row.cut || TEXTS.has(row.vr));

export class TagDetail {
  /**
   * @param {Element} parent
   * @param {(path: (string | number)[], all: boolean) => void} ask asks for the whole of a value
   */
  constructor(parent, ask) {
    this.ask = ask;
    const region = { role: "region", "aria-label": "Selected element", tabIndex: 0 };
    this.pane = make("div", { parent, className: "dw-tags-pane", ...region, hidden: true });
    /** The value that came last. @type {{path: string, text: string, cut: boolean, all: boolean} | null} */
    this.whole = null;
    this.timer = 0;
  }

  /** @param {Row | null} row */
  show(row) {
    const { pane } = this;
    pane.hidden = !row;
    if (!row) return;
    const whole = this.whole?.path === row.path.join("/") ? this.whole : null;
    const origin = row.creator ? `private, ${row.creator}` : row.private ? "private" : "";
    const values = row.vm > 1 ? `${row.vm.toLocaleString("en")} values` : "";
    const facts = [row.tag, row.keyword, row.vr, values, origin].filter(Boolean).join(" · ");
    pane.replaceChildren(
      make("div", { className: "dw-tags-facts", text: facts }),
      make("code", { text: row.expression }),
    );
    if (row.note) make("div", { parent: pane, className: "dw-tags-note", text: `⚠ ${row.note}` });
    if (row.value) make("pre", { parent: pane, text: whole?.text ?? valueText(row) });
    if (row.meaning) make("div", { parent: pane, text: row.meaning });
    if (whole?.cut) this.offerMore(row, whole);
    clearTimeout(this.timer);
    if (!whole && isPartial(row)) this.timer = setTimeout(() => this.ask(row.path, false), LATER);
  }

  /** @type {(row: Row, whole: {text: string, all: boolean}) => void} */
  offerMore(row, { text, all }) {
    const click = () => this.ask(row.path, true);
    const more = all ? [] : [make("button", { type: "button", text: "Show more", on: { click } })];
    const words = `The first ${counted(text.length, "character")}. `;
    make("div", { parent: this.pane, className: "dw-hint", text: words }, ...more);
  }
}
