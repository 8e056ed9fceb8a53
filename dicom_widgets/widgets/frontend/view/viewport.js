// One view of a series: pixels, graphics, texts, and the hand.
import { axesOf, toScreen } from "../core/geometry/axes.js";
import { isImage } from "../core/picture.js";
import { windowText } from "../core/window.js";
import { count, hear, say } from "../runtime/page.js";
import { matchedPitch } from "../runtime/screen_pitch.js";
import { calibration } from "./calibration.js";
import { writeTexts } from "./corner_texts.js";
import { drawingOver } from "./drawing_overlay.js";
import { Hand } from "./hand/hand.js";
import { hovering } from "./hand/hover.js";
import { keys } from "./hand/keys.js";
import { Pointer } from "./hand/pointer.js";
import { helpSheet } from "./help.js";
import { paintCross } from "./paint/crosshair.js";
import { paintMarks } from "./paint/measurements.js";
import { paintPixels } from "./paint/pixels.js";
import { paintCut } from "./paint/pullback_cut.js";
import { paintLines } from "./paint/reference_lines.js";
import { paintShapes } from "./paint/shapes.js";
import { selectedText } from "./state/measurements.js";
import { attend } from "./state/reference_lines.js";
import { surfaceOf } from "./state/surface.js";
import { toolbar } from "./toolbar/toolbar.js";
import { View } from "./view_elements.js";

/** @param {Shared} shared @returns {(mounting: Mounting) => () => void} */
export function viewportPart(shared) {
  return function mount({ model, el, signal, cells }) {
    const s = surfaceOf(model, shared);
    const view = new View(el, model, cells, s);
    helpSheet(view);
    calibration(s, view);
    toolbar(s, view);
    view.paint = () => paint(view, s);
    view.announce = () => announce(view, s);
    view.sized = () => {
      const size = [view.canvas.height, view.canvas.width];
      say(model, { type: "size", client: shared.client, size, pitch: matchedPitch() });
    };
    listen(view, s, signal);
    const resize = followSize(view);
    s.views.add(view);
    const undraw = drawingOver(model, view, shared);
    cells?.take(view, s);
    const unhear = followModel(model, s);
    say(model, { type: "ready", client: shared.client });
    shared.marks.ask();
    view.update();
    s.paint();
    shared.want();
    return () => {
      undraw();
      resize.disconnect();
      unhear();
      s.views.delete(view);
      if (!s.views.size) shared.surfaces.delete(model.get("uid"));
      shared.want();
    };
  };
}

/**
 * Hears the kernel. Each view does, so that what one of them listens to ends with it.
 * @type {(model: Model, s: Surface) => () => void}
 */
function followModel(model, s) {
  const unhear = hear(model, {
    state: (/** @type {StateMessage} */ message) => {
      if (s.heard === message) return;
      s.heard = message;
      s.hear(message);
    },
  });
  const linked = () => s.shared.surfaces.forEach((t) => t.paint()); // what they say of it
  model.on("change:link", linked);
  return () => {
    unhear();
    model.off("change:link", linked);
  };
}

/** Gives a view the hand and the keys. @type {(view: View, s: Surface, signal: AbortSignal) => void} */
function listen(view, s, signal) {
  hovering(s, view);
  const hand = new Hand(s, view);
  /** @type {(type: string, listener: (e: any) => void, options?: AddEventListenerOptions) => void} */
  const on = (type, listener, options) =>
    view.box.addEventListener(type, listener, { capture: true, signal, ...options });
  new Pointer(hand).listen(on);
  on("contextmenu", (e) => {
    e.preventDefault();
    e.stopPropagation();
  });
  for (const part of [view.bar, view.root]) {
    part.addEventListener("keydown", (e) => keys(e, s, view, hand), { signal }); // the bar may lie elsewhere
  }
  view.root.addEventListener("focusin", () => attend(s), { signal });
}

/** Keeps canvas pixels device pixels, so that nothing is blurred. @param {View} view */
function followSize(view) {
  const { box, canvas, graphics } = view;
  const resize = new ResizeObserver(([entry]) => {
    const dpr = window.devicePixelRatio;
    const r = box.getBoundingClientRect();
    const real = entry.devicePixelContentBoxSize?.[0];
    const side = (/** @type {number} */ css, /** @type {number | undefined} */ device) =>
      device && Math.abs(device - css * dpr) < 1.5 ? device : Math.round(css * dpr); // an emulated ratio has wrong ones
    const [w, h] = [side(r.width, real?.inlineSize), side(r.height, real?.blockSize)];
    if (!w || !h || (w === canvas.width && h === canvas.height)) return;
    canvas.width = graphics.width = w;
    canvas.height = graphics.height = h;
    view.sized();
    view.paint(); // in the same callback: nothing flashes
  });
  try {
    resize.observe(box, { box: "device-pixel-content-box" });
  } catch {
    resize.observe(box); // Safari does not know it
  }
  return resize;
}

/** Paints what is here: the frame, or the last one on the hand's way. @type {(view: View, s: Surface) => void} */
function paint(view, s) {
  const { dataset } = view.canvas;
  const behind = s.moving && !s.picture && "index" in dataset;
  const found = behind ? s.shared.passed(s, +(dataset.index ?? 0)) : { picture: s.picture, index: s.index };
  if (s.picture) delete dataset.waiting;
  else dataset.waiting = String(s.index);
  const { picture, index } = found;
  if (!picture || !view.canvas.width) return view.waiting(); // the last whole picture stays
  const ctx = /** @type {CanvasRenderingContext2D} */ (view.canvas.getContext("2d"));
  view.sheet.hidden = isImage(picture);
  if (isImage(picture)) paintImage(view, s, picture, ctx);
  else paintPage(view, picture, ctx);
  view.reread();
  writeTexts(view, s, picture, index);
  if (isImage(picture)) paintMarks(view, s, picture); // apart from these texts
  view.follow(picture);
  Object.assign(dataset, { index, seq: s.seq });
  if (picture.preview) dataset.preview = String(picture.preview);
  else delete dataset.preview;
  count("paints");
}

/** @type {(view: View, s: Surface, picture: Picture, ctx: CanvasRenderingContext2D) => void} */
function paintImage(view, s, picture, ctx) {
  const { canvas } = view;
  const start = performance.now();
  const place = toScreen(picture, axesOf(picture, s, canvas.width, canvas.height));
  paintPixels(view, s, picture, ctx);
  paintShapes(view, picture, place, s.look.hidden);
  canvas.dataset.ms = (performance.now() - start).toFixed(2);
  paintLines(view, s, place);
  paintCut(view, s, picture, place);
  paintCross(view, s, picture);
}

/** @type {(view: View, picture: Picture, ctx: CanvasRenderingContext2D) => void} */
function paintPage({ sheet, canvas }, picture, ctx) {
  if (sheet.dataset.key !== picture.key) {
    sheet.innerHTML = picture.page ?? "";
    sheet.dataset.key = picture.key;
  }
  ctx.fillStyle = "#000";
  ctx.fillRect(0, 0, canvas.width, canvas.height);
}

/** Tells a screen reader what is shown, when the hand rests. @type {(view: View, s: Surface) => void} */
function announce(view, s) {
  const shown = s.windowOf(s.picture) ?? s.picture?.voi;
  const said = [view.said.textContent, selectedText(s)].filter(Boolean).map((words) => `, ${words}`);
  const words = shown?.width ? `, ${windowText(/** @type {VoiWindow} */ (shown), s.picture)}` : "";
  view.live.textContent = `Image ${s.index + 1} of ${s.sizes.length}${words}${said.join("")}`;
}
