import { make } from "../../dom/elements.js";
import { icon } from "../../dom/icons.js";
import { keysText } from "../../dom/keys.js";
import { menu } from "../../dom/menu.js";
import { TOOLS } from "../hand/tools.js";

const GROUPS = ["view", "measure", "image", "study"];

const SLOT = 30; // CSS pixels of a button with the gap behind it

const BETWEEN = 9; // CSS pixels between groups

export function buttonRow(parent) {
  const row = make("div", {parent, className: "dw-buttons"}), items = [];
  const groups = Object.fromEntries(GROUPS.map(name => [name, make("span", {parent: row, className: "dw-group"})]));
  const {menu: more, body} = menu(row, [icon("ellipsis")], "More tools and commands");
  more.classList.add("dw-more");
  more.firstChild.setAttribute("aria-label", "More");
  body.addEventListener("click", e => {
    if (!e.target.closest("button")) return;
    if (body.contains(document.activeElement)) more.firstChild.focus({preventScroll: true});
    more.open = false;
  });
  body.addEventListener("keydown", e => {
    const buttons = [...body.children], to = {ArrowDown: 1, ArrowUp: -1}[e.key];
    if (!to) return;
    e.preventDefault();
    e.stopPropagation();
    buttons[buttons.indexOf(document.activeElement) + to]?.focus();
  });

  const add = (name, {label, icon: drawn, hint, group = "image", rank = 2}, own, click) => {
    const element = make("button", {
      type: "button", className: name in TOOLS ? "dw-tool" : "", title: `${hint}\nKey: ${keysText(own)}`, "aria-label": label ?? hint, "data-does": name, on: {click},
    }, icon(drawn), make("span", {className: "dw-word", text: label ?? hint}), make("kbd", {className: "dw-key", text: keysText(own)}));
    items.push({element, group, rank, isTool: name in TOOLS});
    return element;
  };

  const fill = (place, elements) => { if (elements.some((e, i) => place.children[i] !== e) || place.children.length !== elements.length) place.replaceChildren(...elements); };
  let known = "";
  const arrange = () => { // after a change of what is shown or active, or of the width
    const shown = items.filter(i => !i.element.hidden), active = shown.find(i => i.isTool && i.element.getAttribute("aria-pressed") === "true");
    const now = [row.clientWidth, active?.element.dataset.does, ...shown.map(i => i.element.dataset.does)].join();
    if (!row.clientWidth || now === known) return;
    known = now;
    const focused = row.contains(document.activeElement) ? document.activeElement : null;
    const home = groups[active?.group];
    if (home && !home.contains(active.element)) home.append(active.element); // to be measured with its word
    if (home) home.hidden = false;
    const between = BETWEEN * (new Set(shown.map(i => i.group)).size - 1), word = active ? active.element.offsetWidth - SLOT + 2 : 0;
    const places = Math.floor((row.clientWidth - between - word) / SLOT), leaving = shown.filter(i => i !== active).reverse().sort((a, b) => b.rank - a.rank);
    const out = new Set(leaving.slice(0, places < shown.length ? shown.length - places + 1 : 0)); // "More" has a place too
    for (const name of GROUPS) {
      fill(groups[name], items.filter(i => i.group === name && !out.has(i)).map(i => i.element));
      groups[name].hidden = !shown.some(i => i.group === name && !out.has(i));
    }
    fill(body, items.filter(i => out.has(i)).sort((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group)).map(i => i.element));
    more.hidden = !out.size;
    if (focused && focused !== document.activeElement) (body.contains(focused) && !more.open ? more.firstChild : focused).focus({preventScroll: true});
  };
  new ResizeObserver(arrange).observe(row);
  return {add, arrange};
}
