// One view of a series: pixels, graphics, texts, and the hand.
const REST = 150; // ms after the last wheel or key: the hand rests
const clamp = (x, low, high) => Math.max(low, Math.min(high, x));
const cents = x => Math.round(x * 100) / 100;
const freshLook = () => ({window: null, invert: false, turns: 0, flip: false, hidden: []});

function viewportPart({client, surfaces, want, pictureOf}) {
  function surfaceOf(model) { // what all views of one widget in this page share
    const id = model.get("uid");
    if (!surfaces.has(id)) {
      const s = {
        model, sid: "", pid: "", sizes: [], labels: [], index: 0, seq: -1, settles: 0, timer: 0, hand: false, moving: false, tool: "window",
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
        s.tags = msg.tags;
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
  const scale = make("div", {parent: box, className: "dw-scale", hidden: true});
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
      if (corner === "bl" && s.sizes.length) lines.push(...(s.labels[s.index] ? [s.labels[s.index]] : []), `Image ${s.index + 1}/${s.sizes.length}`);
      if (corner === "br") lines.push(...status(s, picture, view));
      element.replaceChildren(...lines.map(text => make("div", {text})));
    }
    const bar = picture.page ? null : scaleOf(picture, axesOf(picture, s, canvas.width, canvas.height), window.devicePixelRatio);
    scale.hidden = !bar;
    if (bar) { scale.style.width = `${bar.width}px`; scale.textContent = bar.text; }
    const shown = picture.page ? ["", "", "", ""] : lettersOf(picture, s);
    letters.forEach((element, i) => { element.textContent = shown[i]; });
    box.setAttribute("aria-label", `${picture.label}, image ${s.index + 1} of ${s.sizes.length}`);
  };
  return view;
}

function scaleOf({spacing}, {x, turns}, dpr) { // a bar of a round length, where a length is known (requirement TX5)
  if (spacing.unit !== "mm") return null;
  const pixel = x.scale / dpr / (turns % 2 ? spacing.down : spacing.across); // CSS pixels for each millimetre
  const step = 10 ** Math.floor(Math.log10(120 / pixel)), length = step * [5, 2, 1].find(n => n * step * pixel <= 120);
  const text = length >= 10 ? `${+(length / 10).toPrecision(3)} cm` : `${+length.toPrecision(3)} mm`;
  return {width: Math.round(length * pixel), text: spacing.label ? `${text} (${spacing.label})` : text};
}

const windowText = ({center, width, function: kind}) =>
  `W ${+width.toPrecision(6)} L ${+center.toPrecision(6)}${kind === "LINEAR" ? "" : ` ${kind.toLowerCase().replace("_", " ")}`}`;

function status(s, picture, view) { // bottom right: what the hand changes, and what must always be said
  if (picture.page) return [];
  const lines = [];
  const shown = s.look.window ?? picture.voi;
  if (picture.state.label) lines.push(`${picture.state.label}${s.look.window || s.look.invert || s.look.turns || s.look.flip ? " (modified)" : ""}`);
  if (picture.state.description) lines.push(picture.state.description);
  if (shown) lines.push(shown.width ? windowText(shown) : `VOI LUT ${shown.explanation}`.trim());
  if (!s.look.window && picture.voi?.explanation === "auto") lines.push("Window from the image's values");
  const {zoom} = axesOf(picture, s, view.canvas.width, view.canvas.height);
  lines.push(`Zoom ${Math.round(zoom * 100)} %${zoom < 1 ? " (reduced)" : ""}${s.look.invert ? " · inverted" : ""}`);
  lines.push("Not for diagnostic use");
  return lines;
}
