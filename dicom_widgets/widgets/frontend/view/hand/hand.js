import { axesOf, fromScreen } from "../../core/geometry/axes.js";
import { clamp } from "../../core/numbers.js";
import { isImage } from "../../core/picture.js";
import { GRAB, TURN, gripAt } from "./grips.js";
import { TOOLS } from "./tools.js";
import { putBack } from "../state/measurements.js";
import { zoomAt } from "../state/zooming.js";

const NOTCH = 40; // CSS pixels

export function hand(s, view, on) {
  const {box, canvas} = view, touches = new Map();
  let held = null, pinch = null, cursor = null, onHandle = false, turned = 0; // onHandle: `j` brought the cursor there

  const at = e => {
    const r = canvas.getBoundingClientRect();
    return [(e.clientX - r.left) * canvas.width / r.width, (e.clientY - r.top) * canvas.height / r.height];
  };
  const imageAt = screen => {
    const {picture} = view;
    return isImage(picture) ? fromScreen(picture, axesOf(picture, s, canvas.width, canvas.height))(screen) : null;
  };
  const about = (screen, more) => ({
    s, view, picture: isImage(view.picture) ? view.picture : null, screen, image: imageAt(screen), dpr: canvas.width / box.clientWidth, ...more,
  });

  const under = (screen, thick = 1) => {
    const {picture} = view;
    if (!isImage(picture)) return null;
    return gripAt(s, view, picture, axesOf(picture, s, canvas.width, canvas.height), screen, thick * canvas.width / box.clientWidth);
  };

  function down(tool, screen, x, y, grab = true) {
    const h = about(screen, {dx: 0, dy: 0, sx: 0, sy: 0});
    h.grabbed = grab && tool === s.tool ? under(screen, touches.size ? 2.5 : 1) : null; // a finger is thicker
    const row = h.grabbed?.cut ? TURN : h.grabbed ? GRAB : TOOLS[tool];
    if (!row || !(h.picture || row.pages)) return;
    held = {row, x, y, lastX: x, lastY: y, moved: false};
    s.hand = true;
    held.start = row.down(h);
  }
  function move(screen, x, y) {
    const {row, start} = held, h = about(screen, {start, dx: x - held.x, dy: y - held.y, sx: x - held.lastX, sy: y - held.lastY});
    held.moved ||= h.dx !== 0 || h.dy !== 0;
    [held.lastX, held.lastY] = [x, y];
    if (h.picture || row.pages) row.move?.(h);
  }
  function up(screen, x, y) {
    if (!held) return;
    const {row, start, moved} = held, h = about(screen, {start, dx: x - held.x, dy: y - held.y, sx: 0, sy: 0});
    held = null;
    s.hand = false;
    if (!moved && !row.click) return;
    row.up?.(h);
    s.settle();
  }

  function drop() {
    held?.row.drop?.({s, view, start: held.start});
    held = null;
  }

  const notches = ({deltaY, deltaMode}) => { // slices for a turn of the wheel; a touchpad tells many small ones
    turned = Math.sign(turned) === Math.sign(deltaY) ? turned + deltaY : deltaY;
    if (!deltaMode && Math.abs(turned) < NOTCH) return 0;
    turned = 0;
    return Math.sign(deltaY);
  };
  const fingers = () => { // middle and distance of two fingers, in device pixels
    const [a, b] = touches.values();
    return {middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], distance: Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1]))};
  };
  on("pointerdown", e => {
    if (e.target.closest(".dw-sheet, .dw-help")) return;
    box.focus({preventScroll: true});
    cursor = null;
    view.cursor(null);
    try { box.setPointerCapture(e.pointerId); } catch { /* the pointer is gone already */ }
    if (e.pointerType === "touch") {
      touches.set(e.pointerId, at(e));
      if (touches.size > 1) { drop(); s.hand = true; pinch = fingers(); return; }
    }
    if (e.button === 1) e.preventDefault(); // no automatic scrolling of the page
    down(e.button === 1 ? "pan" : e.button === 2 ? "zoom" : e.shiftKey ? "pan" : s.tool, at(e), e.clientX, e.clientY);
  });
  on("pointermove", e => {
    if (touches.has(e.pointerId)) touches.set(e.pointerId, at(e));
    if (pinch) {
      if (touches.size < 2 || !isImage(view.picture)) return;
      const now = fingers(), [mx, my] = [0, 1].map(i => now.middle[i] - pinch.middle[i]);
      s.moving = true;
      zoomAt(s, view, view.picture, now.distance / pinch.distance, pinch.middle, [mx, my]);
      pinch = now;
    } else if (held) move(at(e), e.clientX, e.clientY);
    else view.hover(imageAt(at(e)));
  });
  const lifted = e => {
    touches.delete(e.pointerId);
    if (pinch && touches.size < 2) { pinch = null; s.hand = false; s.settle(); }
    else if (!pinch) up(at(e), e.clientX, e.clientY);
  };
  on("pointerup", lifted);
  on("pointercancel", lifted);
  on("pointerleave", () => { if (!held && !cursor) view.hover(null); });
  on("dblclick", e => {
    if (e.target.closest(".dw-sheet, .dw-help")) return;
    const found = under(at(e));
    if (found?.text) putBack(s, found.mark);
    else if (!TOOLS[s.tool].click) s.reset();
  });
  on("wheel", e => {
    if (![box, view.bar].some(part => part.contains(document.activeElement)) || e.target.closest(".dw-sheet, .dw-help")) return; // the notebook scrolls
    e.preventDefault();
    e.stopPropagation();
    if (!e.ctrlKey) return s.scroll(s.index + notches(e));
    if (!isImage(view.picture)) return;
    s.moving = true;
    zoomAt(s, view, view.picture, e.deltaY < 0 ? 1.1 : 1 / 1.1, at(e));
    s.soon();
  }, {passive: false});

  view.stand = (screen, there = true) => { // the keyboard's cursor goes there: to a handle, or on its way
    [cursor, onHandle] = [screen, there];
    view.cursor(cursor);
    view.hover(imageAt(cursor));
    view.announce();
  };
  return { // the keyboard's cursor, in device pixels of the view
    key: key => {
      const unit = 8 * window.devicePixelRatio, steps = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], PageUp: [0, -5], PageDown: [0, 5]};
      cursor ??= [canvas.width / 2, canvas.height / 2];
      if (steps[key]) cursor = [0, 1].map(i => clamp(cursor[i] + steps[key][i] * unit, 0, [canvas.width, canvas.height][i] - 1));
      const [x, y] = cursor.map(c => c / window.devicePixelRatio);
      if (key !== "Enter") { if (held) move(cursor, x, y); } else if (held) up(cursor, x, y); else down(s.tool, cursor, x, y, onHandle);
      view.stand(cursor, false);
    },
    escape: () => { // false where there is nothing to leave
      const busy = held || s.draft;
      if (busy) { drop(); s.draft = null; s.hand = false; s.settle(); }
      if (!cursor) return !!busy;
      cursor = null;
      view.cursor(null);
      return true;
    },
  };
}
