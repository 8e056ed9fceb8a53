import { make } from "../../dom/elements.js";
import { icon } from "../../dom/icons.js";
import { menu } from "../../dom/menu.js";
import { LINKS } from "../../view/state/links.js";

const MOST = 3;

export function layoutMenu(parent, choose) { // arrows move in it, Enter takes
  const {menu: details, body} = menu(parent, [], "Layout: rows and columns [d]"), summary = details.firstChild;
  body.classList.add("dw-layouts");
  const take = shape => { details.open = false; summary.focus({preventScroll: true}); choose(shape); };
  const buttons = Array.from({length: MOST * MOST}, (_, i) => {
    const shape = [Math.floor(i / MOST) + 1, i % MOST + 1];
    return make("button", {parent: body, type: "button", text: shape.join("×"), title: `${shape[0]} rows, ${shape[1]} columns`, on: {click: () => take(shape)}});
  });
  const steps = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -MOST, ArrowDown: MOST};
  body.addEventListener("keydown", e => {
    const next = buttons[buttons.indexOf(document.activeElement) + steps[e.key]];
    if (!(e.key in steps)) return;
    e.preventDefault();
    next?.focus();
  });
  return {
    open: () => { details.open = true; buttons.find(b => b.getAttribute("aria-pressed") === "true")?.focus({preventScroll: true}); },
    update: (rows, columns) => {
      summary.replaceChildren(icon("layout-grid"), ` ${rows}×${columns}`);
      buttons.forEach((b, i) => b.setAttribute("aria-pressed", i === (rows - 1) * MOST + columns - 1));
    },
  };
}

export function linkMenu(parent, choose) {
  const {menu: details, body} = menu(parent, [], "Link the images: what the hand does on one is done on all [k]");
  const boxes = Object.entries(LINKS).map(([name, [text, title]]) => {
    const box = make("input", {type: "checkbox", name, on: {change: () => choose(boxes.filter(b => b.checked).map(b => b.name))}});
    make("label", {parent: body, title}, box, text);
    return box;
  });
  return {update: (linked, several) => {
    details.hidden = !several;
    details.firstChild.replaceChildren(icon("link"), linked.length ? ` ${linked.map(kind => LINKS[kind][0].split(" ")[0]).join(", ")}` : " Link");
    details.classList.toggle("dw-on", linked.length > 0);
    for (const box of boxes) box.checked = linked.includes(box.name);
  }};
}
