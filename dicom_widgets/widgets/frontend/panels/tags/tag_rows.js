import { make } from "../../dom/elements.js";

export const TAG_COLUMNS = ["Tag", "Name", "VR", "VM", "Length", "Value"];

export const counted = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;

const indented = (cell, level) => { cell.style.paddingLeft = `${8 + 18 * (level - 1)}px`; };

export function moreLine(line, {left, level}, goOn) {
  const words = `Show ${Math.min(left, 200)} more of ${left.toLocaleString("en")}`;
  const button = make("button", {type: "button", tabIndex: -1, text: words, on: {click: e => { e.stopPropagation(); goOn(); }}});
  line.className = "dw-tags-more";
  indented(make("td", {parent: line, role: "gridcell", colSpan: TAG_COLUMNS.length}, button), level);
}

export function elementLine(line, {row: r, open, level}, {found, fold}) { // found: among what was searched for, which is no tree
  const item = !r.tag, folds = r.children > 0;
  if (folds) line.setAttribute("aria-expanded", open);
  line.classList.toggle("dw-tags-item", item);
  const cell = (name, ...rest) => make("td", {role: "gridcell", className: `dw-tags-${name}`}, ...rest);
  const twist = make("span", {className: "dw-twist", text: folds ? (open ? "▾" : "▸") : "", on: {click: e => { e.stopPropagation(); fold(); }}});
  const first = cell("tag", twist, item ? r.name : r.tag), name = cell("name"), value = cell("value");
  if (!found) indented(first, level);
  name.title = r.expression;
  if (found && level === 1 && r.where) make("small", {parent: name, className: "dw-tags-where", text: r.where});
  name.append(item ? counted(r.children, "element") : r.name || r.keyword || "Unknown element");
  if (r.creator) make("small", {parent: name, className: "dw-after", text: r.creator});
  value.title = r.value;
  make("span", {parent: value, text: r.value + (r.cut ? " …" : ""), className: r.children || / bytes$/.test(r.value) ? "dw-hint" : ""});
  if (r.meaning) make("small", {parent: value, className: "dw-after", text: r.meaning});
  if (r.note) make("small", {parent: value, className: "dw-after dw-tags-note", text: `⚠ ${r.note}`});
  const length = r.length === null ? "" : r.length === 0xFFFFFFFF ? "undefined" : r.length.toLocaleString("en");
  line.append(first, name, cell("vr", r.vr), cell("vm", r.vm > 1 ? r.vm : ""), cell("length", length), value);
}
