// The toolbar of a view, in rows whose number depends on its width alone: tools and commands of their tables, windows,
// presentation states, layers, slices, dimensions.
import { make } from "../../dom/elements.js";
import { icon } from "../../dom/icons.js";
import { COMMANDS } from "../hand/commands.js";
import { TOOLS } from "../hand/tools.js";
import { ButtonRow } from "./buttons.js";
import { dimensionSliders } from "./dimension_sliders.js";
import { exactWindow } from "./exact_window.js";
import { layerMenu } from "./layer_menu.js";
import { maskMenu } from "./mask_menu.js";
import { presentationStates } from "./presentation_states.js";
import { windowPresets } from "./window_presets.js";

/** @type {(s: Surface, view: View) => void} */
export function toolbar(s, view) {
  const rows = make("div", { parent: view.bar, className: "dw-rows" });
  const buttons = new ButtonRow(rows);
  view.controls = make("div", { parent: rows, className: "dw-controls" });
  const updateTools = toolButtons(s, buttons);
  const { update: updateCommands, playing } = commandButtons(s, view, buttons);
  const presets = windowPresets(s, view);
  const window = exactWindow(s, view);
  const mask = maskMenu(s, view);
  const states = presentationStates(s, view.controls);
  const layers = layerMenu(s, view.controls);
  const slider = make("input", {
    parent: rows,
    type: "range",
    min: 0,
    className: "dw-slider",
    "aria-label": "Slice",
    on: { input: (e) => s.scroll(+e.target.value) },
  });
  const rate = rateField(s, rows);
  const dimensions = dimensionSliders(s, rows);
  leavePointedLists(rows, view.box);

  view.update = () => {
    view.point();
    updateTools();
    updateCommands();
    playing.setAttribute("aria-pressed", String(s.playing));
    playing.firstChild?.replaceWith(icon(s.playing ? "pause" : "play"));
    rate.update(playing.hidden);
    slider.max = String(Math.max(0, s.sizes.length - 1));
    slider.hidden = s.sizes.length < 2;
    states();
    buttons.arrange();
  };
  view.follow = (picture) => {
    slider.value = String(s.index);
    dimensions();
    layers(picture);
    presets(picture);
    window(picture);
    mask(picture);
  };
}

/**
 * The buttons of tools, also of those that come and go; returns what brings them up to date.
 * @type {(s: Surface, buttons: ButtonRow) => () => void}
 */
function toolButtons(s, buttons) {
  /** @type {Map<string, {row: Tool, element: HTMLButtonElement}>} */
  const made = new Map();
  const follow = () => {
    for (const [name, { row, element }] of made) {
      if (TOOLS[name] === row) continue;
      buttons.remove(element);
      made.delete(name);
    }
    for (const [name, row] of Object.entries(TOOLS)) {
      if (made.has(name)) continue;
      made.set(name, { row, element: buttons.add(name, row, [row.key], true, () => s.act({ tool: name })) });
    }
  };
  follow();
  return () => {
    follow();
    for (const [name, { row, element }] of made) {
      element.setAttribute("aria-pressed", String(s.tool === name));
      element.hidden = row.shown ? !row.shown(s) : false;
    }
  };
}

/** @type {(s: Surface, view: View, buttons: ButtonRow) => {update: () => void, playing: HTMLButtonElement}} */
function commandButtons(s, view, buttons) {
  const shown = Object.entries(COMMANDS).filter(([, command]) => command.icon);
  const made = new Map(
    shown.map(([name, row]) => [row, buttons.add(name, row, row.keys, false, () => row.run(s, view))]),
  );
  const update = () => {
    for (const [row, element] of made) {
      element.hidden = row.shown ? !row.shown(s) : false;
      if (row.pressed) element.setAttribute("aria-pressed", String(row.pressed(s)));
    }
  };
  return { update, playing: /** @type {HTMLButtonElement} */ (made.get(COMMANDS.play)) };
}

/** @type {(s: Surface, parent: Element) => {update: (hidden: boolean) => void}} */
function rateField(s, parent) {
  const field = make("input", {
    parent,
    type: "number",
    min: 0.1,
    max: 120,
    step: "any",
    className: "dw-number",
    title: "Frames a second; empty is the file's own rate",
    "aria-label": "Frames a second",
    on: { change: (e) => s.act({ rate: +e.target.value > 0 ? +e.target.value : null }) },
  });
  const update = (/** @type {boolean} */ hidden) => {
    const { delays } = s.cine ?? { delays: [100] };
    const own = (1000 * delays.length) / delays.reduce((a, b) => a + b, 0);
    field.hidden = hidden;
    field.placeholder = `${s.cine ? +own.toFixed(1) : "10"} fps`;
    if (document.activeElement !== field) field.value = s.rate === null ? "" : String(s.rate);
  };
  return { update };
}

/**
 * Gives the focus back to the image once something is chosen in a list that the pointer opened: then the arrows scroll
 * again.
 * @type {(rows: HTMLElement, box: HTMLElement) => void}
 */
function leavePointedLists(rows, box) {
  /** @type {Element | null} */
  let pointed = null;
  rows.addEventListener("pointerdown", (e) => {
    pointed = /** @type {Element} */ (e.target).closest("select");
  });
  rows.addEventListener("change", (e) => {
    if (e.target === pointed) box.focus({ preventScroll: true });
    pointed = null;
  });
  rows.addEventListener("keydown", () => {
    pointed = null;
  });
}
