import { axesOf } from "../core/geometry/axes.js";
import { lettersOf } from "../core/geometry/orientation.js";
import { make } from "../dom/elements.js";
import { scaleOf, status } from "./corner_texts.js";
import { linkText } from "./state/links.js";

export function frameOf(el, model, cells) { // the elements of a view
  const root = make("div", {parent: el, className: "dw-viewport"}), bar = make("div", {parent: cells ? null : root, className: "dw-bar"});
  const box = make("div", {parent: root, className: "dw-surface", tabIndex: 0, role: "application"});
  root.style.width = model.get("width");
  const height = model.get("height"); // a share is one of a viewer's cell; outside of it there is nothing to share
  box.style.height = cells || !height.endsWith("%") ? height : "512px";
  const canvas = make("canvas", {parent: box, className: "dw-pixels"});
  const graphics = make("canvas", {parent: box, className: "dw-graphics"});
  const corner = name => make("div", {parent: box, className: `dw-corner dw-${name}`}, make("div", {className: "dw-lines"}));
  const corners = Object.fromEntries(["tl", "tr", "bl", "br"].map(name => [name, corner(name)]));
  const letters = ["left", "top", "right", "bottom"].map(e => make("div", {parent: box, className: `dw-letter dw-${e}`}));
  const scale = make("div", {parent: box, className: "dw-scale", hidden: true});
  const sheet = make("div", {parent: box, className: "dw-sheet", hidden: true});
  const mark = make("div", {parent: box, className: "dw-cursor", hidden: true});
  const said = make("div", {parent: corners.bl, className: "dw-probe"}), lens = make("canvas", {parent: box, className: "dw-lens", hidden: true});
  const note = make("div", {parent: box, className: "dw-note", hidden: true, role: "status"});
  const live = make("div", {parent: root, className: "dw-live", "aria-live": "polite"});
  const view = {written: new Map(), cells, root, bar, box, canvas, graphics, corners, letters, sheet, note, live, said, lens, scale};
  view.cursor = at => { // the keyboard's cursor, in device pixels
    mark.hidden = !at;
    if (at) [mark.style.left, mark.style.top] = at.map(p => `${p / window.devicePixelRatio}px`);
  };
  view.waiting = s => {
    note.hidden = s.sizes.length > 0 && !s.note && "index" in canvas.dataset;
    note.textContent = s.note || (s.sizes.length ? "Loading …" : cells ? "Drag a series here, or choose one in the list" : "Nothing to show yet");
  };
  const write = (element, text) => { if (element.textContent !== text) element.textContent = text; }; // what stays is not laid out again
  const list = (parent, lines) => {
    while (parent.children.length > lines.length) parent.lastChild.remove();
    lines.forEach((text, i) => (parent.children[i] ? write(parent.children[i], text) : make("div", {parent, text})));
  };
  view.texts = (s, picture, index = s.index) => {
    note.hidden = !s.note;
    write(note, s.note);
    box.dataset.texts = s.texts;
    box.dataset.tiled = s.tiled;
    for (const [corner, element] of Object.entries(corners)) {
      const lines = s.texts === "all" || corner === "br" ? [...(picture.texts[corner] ?? [])] : []; // bottom right: what must be said
      if (s.texts !== "off" && corner === "bl" && s.sizes.length) {
        lines.push(...[s.labels[index], `${s.tiled ? "Sheet" : "Image"} ${index + 1}/${s.sizes.length}`, linkText(s)].filter(Boolean));
      }
      if (corner === "br") lines.push(...s.missing.filter(m => m.from <= index && index < m.to).map(m => m.words), ...status(s, picture, view));
      list(element.querySelector(".dw-lines"), lines);
    }
    const bar = picture.page ? null : scaleOf(picture, axesOf(picture, s, canvas.width, canvas.height), window.devicePixelRatio, canvas.width);
    scale.hidden = !bar || s.texts === "off";
    if (bar) { scale.style.width = `${bar.width}px`; write(scale, bar.text); }
    const shown = picture.page || s.texts === "off" ? ["", "", "", ""] : lettersOf(picture, s);
    letters.forEach((element, i) => write(element, shown[i]));
    const label = `${picture.label}, image ${index + 1} of ${s.sizes.length}`;
    if (box.getAttribute("aria-label") !== label) box.setAttribute("aria-label", label);
  };
  return view;
}
