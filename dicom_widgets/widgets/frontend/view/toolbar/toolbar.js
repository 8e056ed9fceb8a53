// The toolbar of a view, in rows whose number depends on its width alone: tools and commands of their tables, windows,
// presentation states, layers, slices, dimensions.
function toolbar(s, view) {
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

const isSame = (a, b) => a.lut === b.lut && a.center === b.center && a.width === b.width && a.function === b.function; // a preset that the file has too stands there once

function menu(parent, words, title) { // a button that opens something below it; Escape closes it, and a press elsewhere
  const elsewhere = e => {
    if (details.contains(e.target)) return;
    if (details.contains(document.activeElement)) document.activeElement.blur(); // a number that was typed is taken
    details.open = false;
  };
  const watch = () => document[details.open ? "addEventListener" : "removeEventListener"]("pointerdown", elsewhere, true);
  const body = make("div"), inside = () => { // a menu near the right edge opens to the left, and is as high as the view lets it be
    const view = details.closest(".dw-viewport, .dw-cells, .dw-mpr")?.getBoundingClientRect(), at = details.getBoundingClientRect();
    if (!details.open || !view) return;
    body.style.left = `${Math.min(0, view.right - 8 - at.left - body.offsetWidth)}px`;
    body.style.maxHeight = `${Math.max(80, view.bottom - 8 - at.bottom)}px`;
  };
  const details = make("details", {parent, className: "dw-menu", on: {toggle: () => { watch(); inside(); }, keydown: e => { if (e.key === "Escape" && details.open) { details.open = false; details.firstChild.focus(); e.stopPropagation(); } }}});
  make("summary", {parent: details, title}, ...words);
  details.append(body);
  return {menu: details, body};
}

function exactWindow(s, view) { // the window by number: width and center, or the lower and the upper level (GP13, NP2)
  const {menu: details, body} = menu(view.controls, ["W/L"], "The window by numbers\nKey: W"), shown = () => s.windowOf(s.picture) ?? s.picture?.voi;
  details.classList.add("dw-exact");
  details.hidden = true;
  const field = (text, read, write) => {
    const input = make("input", {type: "number", step: "any", className: "dw-number", on: {change: e => {
      const window = shown();
      if (e.target.value === "" || !window?.width) return;
      s.looking({window: write(+e.target.value, window)});
    }}});
    make("label", {parent: body}, text, input);
    return window => { if (document.activeElement !== input) input.value = +read(window).toPrecision(8); };
  };
  const plain = ({center, width, function: kind}) => ({center, width, function: kind});
  view.exact = () => {
    if (details.hidden) return;
    details.open = true;
    body.querySelector("input").select();
  };
  const fields = [
    field("Width", w => w.width, (width, w) => ({...plain(w), width: Math.max(w.function === "LINEAR" ? 1 : 0.01, width)})),
    field("Center", w => w.center, (center, w) => ({...plain(w), center})),
    field("Lower", w => levelsOf(w).low, (low, w) => windowOver(low, Math.max(low + 0.01, levelsOf(w).high))),
    field("Upper", w => levelsOf(w).high, (high, w) => windowOver(Math.min(high - 0.01, levelsOf(w).low), high)),
  ];
  return picture => {
    const window = picture.page ? null : shown();
    details.hidden = !window?.width;
    if (window?.width) for (const update of fields) update(window);
  };
}
