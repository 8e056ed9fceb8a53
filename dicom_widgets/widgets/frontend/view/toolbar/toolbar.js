import { isSame } from "../../core/window.js";
import { make } from "../../dom/elements.js";
import { icon } from "../../dom/icons.js";
import { menu } from "../../dom/menu.js";
import { say } from "../../runtime/page.js";
import { COMMANDS } from "../hand/commands.js";
import { TOOLS } from "../hand/tools.js";
import { switchesOf } from "../state/switches.js";
import { buttonRow } from "./buttons.js";
import { dimensions } from "./dimension_sliders.js";
import { exactWindow } from "./exact_window.js";
import { followSwitches, switchRow } from "./layer_switches.js";
import { maskMenu } from "./mask_menu.js";

export function toolbar(s, view) {
  const rows = make("div", {parent: view.bar, className: "dw-rows"}), {add, arrange} = buttonRow(rows);
  const controls = view.controls = make("div", {parent: rows, className: "dw-controls"});
  const tools = Object.entries(TOOLS).map(([tool, row]) => [tool, add(tool, row, [row.key], () => s.act({tool}))]);
  const commands = Object.entries(COMMANDS).filter(([, c]) => c.icon).map(([name, c]) => [c, add(name, c, c.keys, () => c.run(s, view))]);
  const playing = commands.find(([c]) => c === COMMANDS.play)[1];
  const presets = make("select", {parent: controls, title: "Window presets [1-9]", "aria-label": "Window preset", on: {change: e => {
    s.looking({window: e.target.value === "" ? null : view.windows[+e.target.value]});
  }}});
  const levels = exactWindow(s, view), mask = maskMenu(s, view);
  const states = make("select", {parent: controls, className: "dw-states", title: "Presentation state", "aria-label": "Presentation state", on: {change: e => {
    say(s.model, {type: "presentation", presentation: e.target.value});
  }}});
  const {menu: layers, body: switches} = menu(controls, [icon("layers"), make("span", {text: " Layers"})], "Shutter, overlays, annotations and what was added: each can be switched off [o]");
  layers.classList.add("dw-layers");
  const slider = make("input", {parent: rows, type: "range", min: 0, className: "dw-slider", "aria-label": "Slice", on: {input: e => s.scroll(+e.target.value)}});
  const rate = make("input", {
    parent: rows, type: "number", min: 0.1, max: 120, step: "any", className: "dw-number", title: "Frames a second; empty is the file's own rate", "aria-label": "Frames a second",
    on: {change: e => s.act({rate: +e.target.value > 0 ? +e.target.value : null})},
  });
  const dims = dimensions(s, rows);

  let pointed = null; // a list that the pointer opened: once something is chosen there, the arrows scroll again
  rows.addEventListener("pointerdown", e => { pointed = e.target.closest("select"); });
  rows.addEventListener("change", e => { if (e.target === pointed) view.box.focus({preventScroll: true}); pointed = null; });
  rows.addEventListener("keydown", () => { pointed = null; });

  presets.hidden = states.hidden = layers.hidden = true; // until there is something in them; then they stay

  view.update = () => {
    view.point();
    for (const [tool, element] of tools) {
      element.setAttribute("aria-pressed", s.tool === tool);
      element.hidden = TOOLS[tool].shown ? !TOOLS[tool].shown(s) : false;
    }
    for (const [{shown, pressed}, element] of commands) {
      element.hidden = shown ? !shown(s) : false;
      if (pressed) element.setAttribute("aria-pressed", pressed(s));
    }
    playing.setAttribute("aria-pressed", s.playing);
    playing.firstChild.replaceWith(icon(s.playing ? "pause" : "play"));
    rate.hidden = playing.hidden;
    rate.placeholder = `${s.cine ? +(1000 * s.cine.delays.length / s.cine.delays.reduce((a, b) => a + b, 0)).toFixed(1) : "10"} fps`;
    if (document.activeElement !== rate) rate.value = s.rate ?? "";
    slider.max = Math.max(0, s.sizes.length - 1);
    slider.hidden = s.sizes.length < 2;
    const named = t => [t.uid, `${t.label}${t.description ? ` – ${t.description}` : ""}${t.created ? ` (${t.created})` : ""}`];
    const usable = s.states.filter(t => !t.refused), refused = s.states.filter(t => t.refused);
    const options = [["newest", usable.length ? `Newest: ${usable[0].label}` : "No presentation state"], ...usable.map(named), ...(usable.length ? [["", "None"]] : [])];
    states.replaceChildren(
      ...options.map(([value, text]) => make("option", {value, text})),
      ...refused.map(t => make("option", {value: t.uid, text: `Not applied: ${t.label}, ${t.refused}`, disabled: true})));
    states.value = s.presentation ?? "";
    states.disabled = !s.states.length;
    states.hidden &&= !s.states.length;
    arrange();
  };

  view.follow = picture => { // with every picture
    slider.value = s.index;
    dims();
    const named = Object.entries(switchesOf(picture, s)), known = JSON.stringify(named);
    layers.hidden = !named.length;
    if (switches.dataset.known !== known) {
      switches.dataset.known = known;
      switches.replaceChildren(...named.map(([name, text]) => switchRow(s, picture, name, text)));
    }
    followSwitches(s, picture, switches);
    const windows = picture.page ? [] : picture.windows.filter((w, i, all) => all.findIndex(v => isSame(v, w)) === i), names = JSON.stringify(windows); // those of a slice may be called as those of the one before
    if (presets.dataset.names !== names) {
      view.windows = windows;
      presets.dataset.names = names;
      presets.replaceChildren(make("option", {value: "", text: "Window …"}), ...windows.map((w, i) => make("option", {value: i, text: w.lut ? `${w.explanation} (LUT)` : `${w.explanation} (${+w.width.toPrecision(6)}/${+w.center.toPrecision(6)})`})));
    }
    const now = s.windowOf(picture), same = windows.findIndex(w => now && isSame(w, now));
    presets.value = same < 0 ? "" : String(same);
    presets.disabled = !windows.length;
    presets.hidden &&= !windows.length;
    levels(picture);
    mask(picture);
  };
}
