import { axesOf, toScreen } from "../core/geometry/axes.js";
import { windowText } from "../core/window.js";
import { styled } from "../dom/elements.js";
import { count, say } from "../runtime/page.js";
import { matchedPitch } from "../runtime/screen_pitch.js";
import { calibration } from "./calibration.js";
import { drawingOver } from "./drawing_overlay.js";
import { hand } from "./hand/hand.js";
import { probing } from "./hand/hover.js";
import { keys } from "./hand/keys.js";
import { helpSheet } from "./help.js";
import { paintCross } from "./paint/crosshair.js";
import { paintMarks } from "./paint/measurements.js";
import { paintPixels } from "./paint/pixels.js";
import { paintCut } from "./paint/pullback_cut.js";
import { paintLines } from "./paint/reference_lines.js";
import { selectedText } from "./state/measurements.js";
import { attend } from "./state/reference_lines.js";
import { surfaceOf } from "./state/surface.js";
import { toolbar } from "./toolbar/toolbar.js";
import { frameOf } from "./view_elements.js";

export function viewportPart(shared) {
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
