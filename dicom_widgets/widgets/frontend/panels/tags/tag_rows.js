// The lines of a tag browser: an element or an item, and where a level goes on.
import { make } from "../../dom/elements.js";

export const COLUMNS = ["Tag", "Name", "VR", "VM", "Length", "Value"];

/**
 * An element, or an item of a sequence, as the kernel tells it.
 * @typedef {object} Row
 * @property {(string | number)[]} path
 * @property {string} tag empty of an item
 * @property {string} name
 * @property {string} keyword
 * @property {string} vr
 * @property {number} vm
 * @property {number | null} length
 * @property {string} value
 * @property {boolean} cut whether the value is longer
 * @property {string} meaning
 * @property {string} note
 * @property {string} creator
 * @property {boolean} private
 * @property {number} children
 * @property {string} expression
 * @property {string} where
 *
 * A line of the tree.
 * @typedef {object} Node
 * @property {number} id
 * @property {Row | null} row null of the root, and where a level goes on
 * @property {number} level
 * @property {string} path
 * @property {boolean} open
 * @property {Node[] | null} rows null until they are asked for
 * @property {number} total
 * @property {Node} [more] the level that goes on here
 * @property {number} [left] how many rows of it are not here
 */

/** @type {(n: number, noun: string) => string} */
export const counted = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;

/** @type {(row: Row) => string} The value as far as it is here. */
export const valueText = (row) => row.value + (row.cut ? " …" : "");

/** @type {(cell: HTMLElement, level: number) => void} */
const indent = (cell, level) => {
  cell.style.paddingLeft = `${8 + 18 * (level - 1)}px`;
};

/** Fills the line where a level goes on. @type {(line: HTMLElement, node: Node, goOn: () => void) => void} */
export function moreLine(line, { left = 0, level }, goOn) {
  const text = `Show ${Math.min(left, 200)} more of ${left.toLocaleString("en")}`;
  const click = (/** @type {Event} */ e) => {
    e.stopPropagation();
    goOn();
  };
  const button = make("button", { type: "button", tabIndex: -1, text, on: { click } });
  line.className = "dw-tags-more";
  indent(make("td", { parent: line, role: "gridcell", colSpan: COLUMNS.length }, button), level);
}

/**
 * Fills the line of an element or an item.
 * @param {HTMLElement} line
 * @param {Node} node
 * @param {boolean} found whether it is among what was searched for, which is no tree
 * @param {() => void} fold
 */
export function elementLine(line, { row, open, level }, found, fold) {
  if (!row) return;
  const item = !row.tag;
  const folds = row.children > 0;
  if (folds) line.setAttribute("aria-expanded", String(open));
  line.classList.toggle("dw-tags-item", item);
  const cell = (/** @type {string} */ name, /** @type {(Element | string | number)[]} */ ...rest) =>
    make("td", { role: "gridcell", className: `dw-tags-${name}` }, .../** @type {string[]} */ (rest));
  const click = (/** @type {Event} */ e) => {
    e.stopPropagation();
    fold();
  };
  const twist = make("span", { className: "dw-twist", text: folds ? (open ? "▾" : "▸") : "", on: { click } });
  const first = cell("tag", twist, item ? row.name : row.tag);
  if (!found) indent(first, level);
  const name = cell("name");
  name.title = row.expression;
  if (found && level === 1 && row.where) {
    make("small", { parent: name, className: "dw-tags-where", text: row.where });
  }
  name.append(item ? counted(row.children, "element") : row.name || row.keyword || "Unknown element");
  if (row.creator) make("small", { parent: name, className: "dw-after", text: row.creator });
  line.append(first, name, cell("vr", row.vr), cell("vm", row.vm > 1 ? row.vm : ""), cell("length", lengthText(row)));
  line.append(valueCell(cell("value"), row));
}

/** @type {(row: Row) => string} */
function lengthText({ length }) {
  if (length === null) return "";
  return length === 0xffffffff ? "undefined" : length.toLocaleString("en");
}

/** @type {(cell: HTMLElement, row: Row) => HTMLElement} */
function valueCell(cell, row) {
  const faint = row.children || / bytes$/.test(row.value);
  cell.title = row.value;
  make("span", { parent: cell, text: valueText(row), className: faint ? "dw-hint" : "" });
  if (row.meaning) make("small", { parent: cell, className: "dw-after", text: row.meaning });
  if (row.note) make("small", { parent: cell, className: "dw-after dw-tags-note", text: `⚠ ${row.note}` });
  return cell;
}
