// One view of a series: pixels, graphics, texts, and the hand.
function viewportPart(shared) {
  return function mount({model, el, signal, cells}) { // cells: the viewer in which it stands
    styled();
    const s = surfaceOf(model, shared), view = frameOf(el, model, cells), {box, canvas} = view, ctx = canvas.getContext("2d");
    Object.defineProperty(view, "picture", {get: () => s.picture});
    helpSheet(view);
    calibration(s, view);
    toolbar(s, view);

    view.paint = () => {
      const {width: W, height: H} = canvas, behind = s.moving && !s.picture && "index" in canvas.dataset;
      const {picture, index} = behind ? shared.passed(s, +canvas.dataset.index) : {picture: s.picture, index: s.index};
      if (s.picture) delete canvas.dataset.waiting; else canvas.dataset.waiting = s.index;
      if (!picture || !W) return view.waiting(s); // the last whole picture stays
      view.sheet.hidden = !picture.page;
      if (picture.page) {
        if (view.sheet.dataset.key !== picture.key) { view.sheet.innerHTML = picture.page; view.sheet.dataset.key = picture.key; }
        ctx.fillStyle = "#000";
        ctx.fillRect(0, 0, W, H);
      } else {
        paintPixels(view, s, picture, ctx);
        const place = toScreen(picture, axesOf(picture, s, W, H));
        paintLines(view, s, picture, place);
        paintCut(view, s, picture, place);
        paintCross(view, s, picture);
      }
      view.reread();
      view.texts(s, picture, index);
      if (!picture.page) paintMarks(view, s, picture); // apart from these texts
      view.follow(picture);
      Object.assign(canvas.dataset, {index, seq: s.seq});
      if (picture.preview) canvas.dataset.preview = picture.preview; else delete canvas.dataset.preview;
      count("paints");
    };
    view.announce = () => { // for a screen reader, when the hand rests
      const shown = s.windowOf(s.picture) ?? s.picture?.voi;
      const said = [view.said.textContent, selectedText(s)].filter(Boolean).map(words => `, ${words}`).join("");
      view.live.textContent = `Image ${s.index + 1} of ${s.sizes.length}${shown?.width ? `, ${windowText(shown, s.picture)}` : ""}${said}`;
    };

    probing(s, view);
    const on = (type, f, o = {}) => box.addEventListener(type, f, {capture: true, signal, ...o});
    const cursor = hand(s, view, on);
    on("contextmenu", e => { e.preventDefault(); e.stopPropagation(); });
    for (const part of [view.bar, view.root]) part.addEventListener("keydown", e => keys(e, s, view, cursor), {signal}); // the bar may lie elsewhere
    view.root.addEventListener("focusin", () => attend(s), {signal});

    view.sized = () => say(model, {type: "size", client: shared.client, size: [canvas.height, canvas.width], pitch: matchedPitch()});
    const resize = new ResizeObserver(([entry]) => { // canvas pixels are device pixels, so that nothing is blurred
      const dpr = window.devicePixelRatio, r = box.getBoundingClientRect(), real = entry.devicePixelContentBoxSize?.[0];
      const side = (css, device) => (device && Math.abs(device - css * dpr) < 1.5 ? device : Math.round(css * dpr)); // an emulated ratio has wrong ones
      const w = side(r.width, real?.inlineSize), h = side(r.height, real?.blockSize);
      if (!w || !h || (w === canvas.width && h === canvas.height)) return;
      canvas.width = view.graphics.width = w;
      canvas.height = view.graphics.height = h;
      view.sized();
      view.paint(); // in the same callback: nothing flashes
    });
    try { resize.observe(box, {box: "device-pixel-content-box"}); } catch { resize.observe(box); } // Safari does not know it
    s.views.add(view);
    const undraw = drawingOver(model, view, shared);
    cells?.take(view, s);
    const heard = { // by each view: what one of them listens to ends with it
      "msg:custom": msg => { if (msg.type === "state" && s.heard !== msg) { s.heard = msg; s.hear(msg); } },
      "change:link": () => shared.surfaces.forEach(t => t.paint()), // what they say of it
    };
    for (const [name, f] of Object.entries(heard)) model.on(name, f);
    say(model, {type: "ready", client: shared.client});
    shared.marks.ask();
    view.update();
    s.paint();
    shared.want();
    return () => {
      undraw();
      resize.disconnect();
      for (const [name, f] of Object.entries(heard)) model.off(name, f);
      s.views.delete(view);
      if (!s.views.size) shared.surfaces.delete(model.get("uid"));
      shared.want();
    };
  };
}

function frameOf(el, model, cells) { // the elements of a view
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

function scaleOf({spacing}, {x, turns}, dpr, width) { // a bar of a round length, where a length is known (requirement TX5)
  if (spacing.unit !== "mm") return null;
  const pixel = x.scale / dpr / (turns % 2 ? spacing.down : spacing.across); // CSS pixels for each millimetre
  const most = Math.min(120, width / dpr / 4), step = 10 ** Math.floor(Math.log10(most / pixel)), length = step * [5, 2, 1].find(n => n * step * pixel <= most);
  const text = length >= 10 ? `${+(length / 10).toPrecision(3)} cm` : `${+length.toPrecision(3)} mm`;
  return {width: Math.round(length * pixel), text: spacing.label ? `${text} (${spacing.label})` : text};
}

const short = value => +(Math.abs(value) < 1000 ? value.toPrecision(4) : value.toFixed());
function windowText(window, picture) { // with its unit, where it is a window of the object's own modality values; a PET's by its ends (NP6)
  const {center, width, function: kind} = window, {meaning, modality} = picture ?? {}, line = meaning?.modality; // none is there yet
  const measured = line?.slope !== undefined && line.slope === modality?.slope && line.intercept === modality.intercept;
  if (measured && meaning.suv !== null) {
    const [low, high] = Object.values(levelsOf(window)).map(x => digits(x * meaning.suv, 3));
    return `SUVbw ${low} to ${high} g/ml`;
  }
  const unit = measured && meaning.unit ? ` ${meaning.unit}` : "";
  return `W ${short(width)} L ${short(center)}${unit}${kind === "LINEAR" ? "" : ` (${kind})`}`;
}

const NOT_DIAGNOSTIC = "Not for diagnostic use";

function status(s, picture, view) { // bottom right: what the hand changes, and what must always be said
  if (picture.page) return [];
  const lines = picture.preview ? ["Preview: the whole frame is on its way"] : [];
  if (s.texts === "off") return [...lines, NOT_DIAGNOSTIC];
  const own = s.windowOf(picture), shown = own ?? picture.voi, played = cineText(s);
  if (played) lines.push(played);
  const real = trueText(s, picture);
  if (real) lines.push(real);
  const changed = own || s.look.invert || s.look.turns || s.look.flip || s.look.hidden.some(name => name in picture.switches) || s.zoom !== null || s.pan.some(Boolean);
  if (picture.state.label) lines.push(`${picture.state.label}${changed ? " (modified)" : ""}`);
  const roomy = view.canvas.width >= 300 * window.devicePixelRatio;
  if (picture.state.description && roomy) lines.push(picture.state.description);
  if (shown) lines.push(shown.width ? windowText(shown, picture) : `VOI LUT ${shown.explanation}`.trim());
  if (!own && picture.voi?.explanation === "auto") lines.push("Automatic window");
  const axes = axesOf(picture, s, view.canvas.width, view.canvas.height), way = picture.smooth ? wayOf(s, axes) : "nearest";
  if (roomy) lines.push(`Zoom ${Math.round(axes.zoom * 100)} %${{area: " (reduced)", linear: " (linear)"}[way] ?? ""}${s.look.invert ? " · inverted" : ""}`);
  const said = picture.fidelity !== "exact" && picture.texts.br?.some(line => picture.fidelity.startsWith(line.toLowerCase().split(" ")[0])); // "Lossy 8:1"
  if (!said) lines.push(picture.fidelity === "exact" && (axes.zoom < 1 || way !== "nearest") ? "resampled" : picture.fidelity);
  lines.push(NOT_DIAGNOSTIC);
  return lines;
}
