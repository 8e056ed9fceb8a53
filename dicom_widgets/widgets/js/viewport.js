// One view of a series: pixels, graphics, texts, and the hand.
const TOOLS = {
  window: {label: "Window", icon: "◐", key: "w", hint: "Window/level: drag across for width, up and down for level"},
  pan: {label: "Pan", icon: "✥", key: "p", hint: "Pan: drag the image (also the middle button)"},
  zoom: {label: "Zoom", icon: "⌕", key: "z", hint: "Zoom: drag up and down (also the right button, Ctrl+wheel)"},
  scroll: {label: "Scroll", icon: "⇅", key: "s", hint: "Scroll: drag up and down (also the wheel and the arrow keys)"},
};
const REST = 150; // ms after the last wheel or key: the hand rests
const clamp = (x, low, high) => Math.max(low, Math.min(high, x));
const cents = x => Math.round(x * 100) / 100;
const freshLook = () => ({window: null, invert: false, turns: 0, flip: false});

function viewportPart({client, surfaces, want, pictureOf}) {
  function surfaceOf(model) { // what all views of one widget in this page share
    const id = model.get("uid");
    if (!surfaces.has(id)) {
      const s = {
        model, sid: "", pid: "", sizes: [], index: 0, seq: -1, settles: 0, timer: 0, hand: false, moving: false, tool: "window",
        look: freshLook(), zoom: null, pan: [0, 0], states: [], presentation: "newest", note: "", views: new Set(), frame: 0,
      };
      s.paint = () => { s.frame ||= requestAnimationFrame(() => { s.frame = 0; s.views.forEach(v => v.paint()); }); };
      s.settle = () => {
        clearTimeout(s.timer);
        s.timer = 0;
        s.moving = false;
        s.paint();
        const {index, look, zoom, pan, tool} = s;
        if (!say(s.model, {type: "settle", client, n: ++s.settles, index, look, zoom, pan, tool})) {
          s.note = "The kernel is gone: run the cell again.";
        }
        count("settle");
      };
      s.soon = () => { clearTimeout(s.timer); s.timer = setTimeout(s.settle, REST); };
      s.change = changes => { Object.assign(s, changes); s.paint(); };
      s.scroll = to => {
        const index = clamp(Math.round(to), 0, Math.max(0, s.sizes.length - 1));
        if (index === s.index) return;
        s.moving = true;
        s.change({index});
        want();
        s.soon();
      };
      s.hear = msg => {
        if (msg.type !== "state") return;
        if (msg.series) Object.assign(s, msg.series);
        if (msg.states) s.states = msg.states;
        s.note = msg.note ?? "";
        if (msg.echo) s.views.forEach(v => v.announce());
        const late = msg.echo?.[0] === client && msg.echo[1] < s.settles;
        if (!(s.hand || s.timer || msg.seq < s.seq || late)) { // else the hand is ahead of the kernel
          const {seq, index, look, zoom, pan, tool, presentation} = msg;
          Object.assign(s, {seq, index, look, zoom, pan, tool, presentation});
        }
        s.index = clamp(s.index, 0, Math.max(0, s.sizes.length - 1));
        s.views.forEach(v => v.update());
        s.paint();
        want();
      };
      model.on("msg:custom", s.hear);
      surfaces.set(id, s);
    }
    return surfaces.get(id);
  }

  return function mount({model, el, signal}) {
    styled();
    const s = surfaceOf(model), view = {...frameOf(el, model)};
    const {box, canvas} = view, ctx = canvas.getContext("2d");
    toolbar(s, view);

    view.paint = () => {
      const picture = pictureOf(s), {width: W, height: H} = canvas;
      if (!picture || !W) { canvas.dataset.waiting = s.index; view.waiting(s); return; } // the last whole picture stays
      delete canvas.dataset.waiting;
      view.sheet.hidden = !picture.page;
      if (picture.page) {
        if (view.sheet.dataset.key !== picture.key) { view.sheet.innerHTML = picture.page; view.sheet.dataset.key = picture.key; }
        ctx.fillStyle = "#000";
        ctx.fillRect(0, 0, W, H);
      } else paintPixels(view, s, picture, ctx);
      view.texts(s, picture);
      Object.assign(canvas.dataset, {index: s.index, seq: s.seq});
      count("paints");
    };
    view.update = () => { view.controls(s); };
    view.announce = () => { // for a screen reader, when the hand rests
      const picture = pictureOf(s), shown = s.look.window ?? picture?.voi;
      view.live.textContent = `Image ${s.index + 1} of ${s.sizes.length}${shown?.width ? `, ${windowText(shown)}` : ""}`;
    };

    const on = (type, f, o = {}) => box.addEventListener(type, f, {capture: true, signal, ...o});
    hand(s, view, on, pictureOf);
    on("contextmenu", e => { e.preventDefault(); e.stopPropagation(); });
    view.root.addEventListener("keydown", e => keys(e, s, view, pictureOf), {signal});

    const resize = new ResizeObserver(() => {
      const dpr = window.devicePixelRatio, r = box.getBoundingClientRect();
      const w = Math.round(r.width * dpr), h = Math.round(r.height * dpr);
      if (!w || !h || (w === canvas.width && h === canvas.height)) return;
      canvas.width = view.graphics.width = w;
      canvas.height = view.graphics.height = h;
      say(model, {type: "size", client, size: [h, w]});
      view.paint(); // in the same callback: nothing flashes
    });
    resize.observe(box);
    s.views.add(view);
    say(model, {type: "ready", client});
    view.update();
    s.paint();
    want();
    return () => { resize.disconnect(); s.views.delete(view); want(); };
  };
}

function frameOf(el, model) { // the elements of a view
  const root = make("div", {parent: el, className: "dw-viewport"}), bar = make("div", {parent: root, className: "dw-bar"});
  const box = make("div", {parent: root, className: "dw-surface", tabIndex: 0, role: "application"});
  root.style.width = model.get("width");
  box.style.height = model.get("height");
  const canvas = make("canvas", {parent: box, className: "dw-pixels"});
  const graphics = make("canvas", {parent: box, className: "dw-graphics"});
  const corners = Object.fromEntries(["tl", "tr", "bl", "br"].map(c => [c, make("div", {parent: box, className: `dw-corner dw-${c}`})]));
  const letters = ["left", "top", "right", "bottom"].map(e => make("div", {parent: box, className: `dw-letter dw-${e}`}));
  const sheet = make("div", {parent: box, className: "dw-sheet", hidden: true});
  const note = make("div", {parent: box, className: "dw-note", hidden: true, role: "status"});
  const live = make("div", {parent: root, className: "dw-live", "aria-live": "polite"});
  const view = {root, bar, box, canvas, graphics, corners, letters, sheet, note, live};
  view.waiting = s => {
    note.hidden = s.sizes.length > 0 && !s.note && "index" in canvas.dataset;
    note.textContent = s.note || (s.sizes.length ? "Loading …" : "Nothing to show yet");
  };
  view.texts = (s, picture) => {
    note.hidden = !s.note;
    note.textContent = s.note;
    for (const [corner, element] of Object.entries(corners)) {
      const lines = [...(picture.texts[corner] ?? [])];
      if (corner === "bl" && s.sizes.length) lines.push(`Image ${s.index + 1}/${s.sizes.length}`);
      if (corner === "br") lines.push(...status(s, picture, view));
      element.replaceChildren(...lines.map(text => make("div", {text})));
    }
    const shown = picture.page ? ["", "", "", ""] : lettersOf(picture, s);
    letters.forEach((element, i) => { element.textContent = shown[i]; });
    box.setAttribute("aria-label", `${picture.label}, image ${s.index + 1} of ${s.sizes.length}`);
  };
  return view;
}

const windowText = ({center, width, function: kind}) =>
  `W ${+width.toPrecision(6)} L ${+center.toPrecision(6)}${kind === "LINEAR" ? "" : ` ${kind.toLowerCase().replace("_", " ")}`}`;

function status(s, picture, view) { // bottom right: what the hand changes, and what must always be said
  if (picture.page) return [];
  const lines = [];
  const shown = s.look.window ?? (picture.tables.voi ? null : picture.voi);
  if (picture.state.label) lines.push(`${picture.state.label}${s.look.window || s.look.invert || s.look.turns || s.look.flip ? " (modified)" : ""}`);
  if (picture.state.description) lines.push(picture.state.description);
  lines.push(shown ? windowText(shown) : `VOI LUT ${picture.voi.explanation}`.trim());
  if (!s.look.window && picture.voi.explanation === "auto") lines.push("Window from the image's values");
  const {zoom} = axesOf(picture, s, view.canvas.width, view.canvas.height);
  lines.push(`Zoom ${Math.round(zoom * 100)} %${zoom < 1 ? " (reduced)" : ""}${s.look.invert ? " · inverted" : ""}`);
  lines.push("Not for diagnostic use");
  return lines;
}

function paintPixels(view, s, picture, ctx) {
  const t0 = performance.now(), {canvas} = view, {width: W, height: H} = canvas, data = touch(picture);
  if (view.image?.width !== W || view.image?.height !== H) {
    view.image = new ImageData(W, H);
    view.out = new Uint32Array(view.image.data.buffer);
  }
  const lut = lutOf(picture, s.look), axes = axesOf(picture, s, W, H);
  if (axes.zoom < 1) { // reduced: the means are made once a frame, then a change of window is a look-up
    const geometry = [picture.key, axes.zoom, axes.turns, axes.flip, s.pan, W, H].join();
    if (view.reduction?.geometry !== geometry && !s.moving) {
      view.reduction = {geometry, index: reduced(data, picture.base, axes.x, axes.y, picture.padding)};
    }
    if (view.reduction?.geometry === geometry) paintReduced(view.reduction.index, lut, view.out);
    else paintNearest(data, picture.base, nearest(axes.x), nearest(axes.y), lut, view.out);
  } else paintNearest(data, picture.base, nearest(axes.x), nearest(axes.y), lut, view.out);
  ctx.putImageData(view.image, 0, 0);
  paintShapes(view, picture, toScreen(picture, axes));
  canvas.dataset.ms = (performance.now() - t0).toFixed(2);
}

function paintShapes({graphics}, picture, place) {
  const g = graphics.getContext("2d"), dpr = window.devicePixelRatio;
  g.clearRect(0, 0, graphics.width, graphics.height);
  graphics.dataset.shapes = picture.shapes.length;
  g.font = `${Math.round(14 * dpr)}px sans-serif`;
  g.textBaseline = "top";
  const stroke = (points, color) => {
    g.beginPath();
    points.forEach((p, i) => (i ? g.lineTo(...p) : g.moveTo(...p)));
    g.lineWidth = 3.5 * dpr; g.strokeStyle = "rgba(0, 0, 0, 0.6)"; g.stroke();
    g.lineWidth = 1.5 * dpr; g.strokeStyle = color; g.stroke();
  };
  for (const shape of picture.shapes) {
    if (shape.points) {
      stroke(shape.points.map(place), shape.color);
      if (shape.filled) { g.fillStyle = shape.color; g.fill(); }
      continue;
    }
    const at = place(shape.at);
    if (shape.leader) stroke([at, place(shape.leader)], shape.color);
    const lines = shape.words.split("\n"), wide = Math.max(...lines.map(l => g.measureText(l).width)), step = 17 * dpr;
    const x = clamp(at[0], 2, Math.max(2, graphics.width - wide - 2)), y = clamp(at[1], 2, Math.max(2, graphics.height - step * lines.length)); // never lost off screen
    lines.forEach((line, i) => {
      g.lineWidth = 3 * dpr; g.strokeStyle = "#000"; g.strokeText(line, x, y + i * step);
      g.fillStyle = shape.color; g.fillText(line, x, y + i * step);
    });
  }
}

function reset(s) {
  s.change({look: freshLook(), zoom: null, pan: [0, 0]});
  s.settle();
}

function zoomAt(s, view, picture, factor, [px, py] = [view.canvas.width / 2, view.canvas.height / 2]) { // the point stays where it is
  const {canvas} = view, {zoom} = axesOf(picture, s, canvas.width, canvas.height);
  const next = clamp(zoom * factor, 0.02, 64), f = next / zoom;
  const keep = (p, size, pan) => (p - size / 2) * (1 - f) + pan * f;
  s.change({zoom: next, pan: [keep(px, canvas.width, s.pan[0]), keep(py, canvas.height, s.pan[1])]});
}

function hand(s, view, on, pictureOf) {
  const {box, canvas} = view;
  let start = null;
  const at = e => {
    const r = canvas.getBoundingClientRect();
    return [(e.clientX - r.left) * canvas.width / r.width, (e.clientY - r.top) * canvas.height / r.height];
  };
  on("pointerdown", e => {
    if (e.target.closest(".dw-sheet")) return;
    box.focus({preventScroll: true});
    const picture = pictureOf(s);
    if (!picture) return;
    try { box.setPointerCapture(e.pointerId); } catch { /* the pointer is gone already */ }
    const tool = e.button === 1 ? "pan" : e.button === 2 ? "zoom" : e.shiftKey ? "pan" : s.tool;
    const own = s.look.window ?? (picture.tables.voi ? picture.linear : picture.voi);
    start = {x: e.clientX, y: e.clientY, last: e.clientY, tool, point: at(e), window: own, pan: s.pan, index: s.index, moved: false};
    s.hand = true;
    if (e.button === 1) e.preventDefault(); // no automatic scrolling of the page
  });
  on("pointermove", e => {
    if (!start) return;
    const dx = e.clientX - start.x, dy = e.clientY - start.y, dpr = canvas.width / box.clientWidth, picture = pictureOf(s);
    start.moved ||= dx !== 0 || dy !== 0;
    if (start.tool === "scroll") return s.scroll(start.index + dy / 8);
    if (!picture || picture.page) return;
    if (start.tool === "window" && start.window) {
      const {center, width, function: kind} = start.window, gain = Math.max(width, 1) / 300;
      const lowest = kind === "LINEAR" ? 1 : 0.01;
      s.change({look: {...s.look, window: {center: cents(center + dy * gain), width: Math.max(lowest, cents(width + dx * gain)), function: kind}}});
    } else if (start.tool === "pan") {
      s.moving = true;
      s.change({pan: [start.pan[0] + dx * dpr, start.pan[1] + dy * dpr], zoom: s.zoom ?? axesOf(picture, s, canvas.width, canvas.height).zoom});
    } else if (start.tool === "zoom") {
      s.moving = true;
      zoomAt(s, view, picture, 1.01 ** (start.last - e.clientY), start.point);
      start.last = e.clientY;
    }
  });
  const end = () => {
    if (!start) return;
    const {moved} = start;
    start = null;
    s.hand = false;
    if (moved) s.settle();
  };
  on("pointerup", end);
  on("pointercancel", end);
  on("dblclick", e => { if (!e.target.closest(".dw-sheet")) reset(s); });
  on("wheel", e => {
    if (!box.contains(document.activeElement) || e.target.closest(".dw-sheet")) return; // the notebook scrolls
    e.preventDefault();
    e.stopPropagation();
    const picture = pictureOf(s);
    if (!e.ctrlKey) return s.scroll(s.index + Math.sign(e.deltaY));
    if (!picture || picture.page) return;
    s.moving = true;
    zoomAt(s, view, picture, e.deltaY < 0 ? 1.1 : 1 / 1.1, at(e));
    s.soon();
  }, {passive: false});
}

function keys(e, s, view, pictureOf) {
  if (!isPlain(e) || e.target.matches("select, input")) { if (isPlain(e)) e.stopPropagation(); return; }
  e.stopPropagation();
  const picture = pictureOf(s), page = 10, last = s.sizes.length - 1;
  const steps = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, PageDown: page, PageUp: -page, Home: -last, End: last};
  const tool = Object.keys(TOOLS).find(t => TOOLS[t].key === e.key);
  const preset = picture && !picture.page && /^[1-9]$/.test(e.key) ? picture.windows[e.key - 1] : null;
  if (e.key === "Escape") view.box.blur();
  else if (e.key in steps) s.scroll(s.index + steps[e.key]);
  else if (tool) { s.change({tool}); s.views.forEach(v => v.update()); s.settle(); }
  else if (preset) { s.change({look: {...s.look, window: preset}}); s.settle(); }
  else if ("+-=".includes(e.key) && picture && !picture.page) { zoomAt(s, view, picture, e.key === "-" ? 1 / 1.25 : 1.25); s.settle(); }
  else if (e.key === "f" || e.key === "0") { s.change({zoom: null, pan: [0, 0]}); s.settle(); }
  else if (e.key === "i") { s.change({look: {...s.look, invert: !s.look.invert}}); s.settle(); }
  else if (e.key === "r") reset(s);
  else return;
  e.preventDefault();
}

function toolbar(s, view) {
  const {bar} = view;
  const buttons = Object.entries(TOOLS).map(([tool, {label, icon, key, hint}]) => make("button", {
    parent: bar, type: "button", title: `${hint} [${key}]`, "aria-label": label, text: `${icon} ${label}`,
    on: {click: () => { s.change({tool}); s.views.forEach(v => v.update()); s.settle(); }},
  }));
  make("button", {parent: bar, type: "button", text: "⛶ Fit", title: "Fit the image into the view [f]", on: {click: () => { s.change({zoom: null, pan: [0, 0]}); s.settle(); }}});
  make("button", {parent: bar, type: "button", text: "↺ Reset", title: "Everything as it was presented [r], also a double click", on: {click: () => reset(s)}});
  const presets = make("select", {parent: bar, title: "Window presets [1-9]", "aria-label": "Window preset", on: {change: e => {
    const window = e.target.value === "" ? null : view.windows[+e.target.value];
    s.change({look: {...s.look, window}});
    s.settle();
  }}});
  const states = make("select", {parent: bar, className: "dw-states", title: "Presentation state", "aria-label": "Presentation state", on: {change: e => {
    say(s.model, {type: "presentation", presentation: e.target.value});
  }}});
  const slider = make("input", {parent: bar, type: "range", min: 0, className: "dw-slider", "aria-label": "Slice", on: {input: e => s.scroll(+e.target.value)}});
  view.controls = () => {
    Object.keys(TOOLS).forEach((tool, i) => buttons[i].setAttribute("aria-pressed", s.tool === tool));
    slider.max = Math.max(0, s.sizes.length - 1);
    slider.hidden = s.sizes.length < 2;
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
    const windows = picture.page ? [] : picture.windows, names = windows.map(w => w.explanation).join("\n");
    if (presets.dataset.names !== names) {
      view.windows = windows;
      presets.dataset.names = names;
      presets.replaceChildren(make("option", {value: "", text: "Window …"}), ...windows.map((w, i) => make("option", {value: i, text: `${w.explanation} (${w.width}/${w.center})`})));
    }
    const now = surface.look.window, same = windows.findIndex(w => now && w.center === now.center && w.width === now.width);
    presets.value = same < 0 ? "" : String(same);
    presets.disabled = !windows.length;
  };
}
