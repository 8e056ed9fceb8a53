// What the hand does: tools, pointer and keys. A tool is a row of TOOLS, a line of `pointermove`, and a row of the README.
const TOOLS = {
  window: {label: "Window", icon: "◐", key: "w", hint: "Window/level: drag across for width, up and down for level"},
  pan: {label: "Pan", icon: "✥", key: "p", hint: "Pan: drag the image (also the middle button)"},
  zoom: {label: "Zoom", icon: "⌕", key: "z", hint: "Zoom: drag up and down (also the right button, Ctrl+wheel)"},
  scroll: {label: "Scroll", icon: "⇅", key: "s", hint: "Scroll: drag up and down (also the wheel and the arrow keys)"},
};

function reset(s) {
  s.change({look: freshLook(), zoom: null, pan: [0, 0]});
  s.settle();
}

function toggle(s, ...names) { // what is painted over the image: off, or on again when all of it is off
  const {hidden} = s.look, rest = hidden.filter(name => !names.includes(name));
  const off = !names.every(name => hidden.includes(name));
  s.change({look: {...s.look, hidden: off ? [...rest, ...names] : rest}});
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
    const chosen = s.look.window ?? picture.voi, own = chosen && !chosen.width ? picture.linear : chosen; // colours have none
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
  else if (e.key === "o" && picture && !picture.page) toggle(s, ...Object.keys(picture.switches));
  else if (e.key === "t" && s.tags) say(s.model, {type: "tags"});
  else if (e.key === "r") reset(s);
  else return;
  e.preventDefault();
}
