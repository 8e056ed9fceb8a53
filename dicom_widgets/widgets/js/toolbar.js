// The toolbar of a view: tools, window presets, presentation states, slices.
function toolbar(s, view) {
  const {bar} = view;
  const buttons = Object.entries(TOOLS).map(([tool, {label, icon, key, hint}]) => make("button", {
    parent: bar, type: "button", title: `${hint} [${key}]`, "aria-label": label, text: `${icon} ${label}`,
    on: {click: () => { s.change({tool}); s.views.forEach(v => v.update()); s.settle(); }},
  }));
  make("button", {parent: bar, type: "button", text: "⛶ Fit", title: "Fit the image into the view [f]", on: {click: () => { s.change({zoom: null, pan: [0, 0]}); s.settle(); }}});
  make("button", {parent: bar, type: "button", text: "↺ Reset", title: "Everything as it was presented [r], also a double click", on: {click: () => reset(s)}});
  const tags = make("button", {parent: bar, type: "button", text: "≡ Tags", title: "All elements of this instance [t]", hidden: true, on: {click: () => say(s.model, {type: "tags"})}});
  const presets = make("select", {parent: bar, title: "Window presets [1-9]", "aria-label": "Window preset", on: {change: e => {
    const window = e.target.value === "" ? null : view.windows[+e.target.value];
    s.change({look: {...s.look, window}});
    s.settle();
  }}});
  const states = make("select", {parent: bar, className: "dw-states", title: "Presentation state", "aria-label": "Presentation state", on: {change: e => {
    say(s.model, {type: "presentation", presentation: e.target.value});
  }}});
  const layers = make("details", {parent: bar, className: "dw-layers", hidden: true, on: {keydown: e => { if (e.key === "Escape") layers.open = false; }}});
  make("summary", {parent: layers, text: "◫ Layers", title: "Shutter, overlays and annotations: each can be switched off [o]"});
  const switches = make("div", {parent: layers});
  const slider = make("input", {parent: bar, type: "range", min: 0, className: "dw-slider", "aria-label": "Slice", on: {input: e => s.scroll(+e.target.value)}});
  view.controls = () => {
    Object.keys(TOOLS).forEach((tool, i) => buttons[i].setAttribute("aria-pressed", s.tool === tool));
    slider.max = Math.max(0, s.sizes.length - 1);
    slider.hidden = s.sizes.length < 2;
    tags.hidden = !s.tags;
    const names = s.states.map(t => [t.uid, `${t.label}${t.description ? ` – ${t.description}` : ""}${t.created ? ` (${t.created})` : ""}`]);
    const options = [["newest", names.length ? `Newest: ${s.states[0].label}` : "No presentation state"], ...names, ...(names.length ? [["", "None"]] : [])];
    states.replaceChildren(...options.map(([value, text]) => make("option", {value, text})));
    states.value = s.presentation ?? "";
    states.disabled = !names.length;
  };
  const texts = view.texts;
  view.texts = (surface, picture) => {
    texts(surface, picture);
    slider.value = surface.index;
    const named = picture.page ? [] : Object.entries(picture.switches), known = JSON.stringify(named);
    layers.hidden = !named.length;
    if (switches.dataset.known !== known) {
      switches.dataset.known = known;
      switches.replaceChildren(...named.map(([name, text]) => make("label", {}, make("input", {type: "checkbox", name, on: {change: () => toggle(s, name)}}), text)));
    }
    for (const box of switches.querySelectorAll("input")) box.checked = !surface.look.hidden.includes(box.name);
    const windows = picture.page ? [] : picture.windows, names = windows.map(w => w.explanation).join("\n");
    if (presets.dataset.names !== names) {
      view.windows = windows;
      presets.dataset.names = names;
      presets.replaceChildren(make("option", {value: "", text: "Window …"}), ...windows.map((w, i) => make("option", {value: i, text: w.lut ? `${w.explanation} (LUT)` : `${w.explanation} (${w.width}/${w.center})`})));
    }
    const now = surface.look.window, same = windows.findIndex(w => now && w.lut === now.lut && w.center === now.center && w.width === now.width);
    presets.value = same < 0 ? "" : String(same);
    presets.disabled = !windows.length;
  };
}
