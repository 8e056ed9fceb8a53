// The pointer over a view: mouse, pen and touch, and the wheel.
import { isImage } from "../../core/picture.js";
import { putBack } from "../state/measurements.js";
import { zoomAt } from "../state/zooming.js";
import { TOOLS } from "./tools.js";

/** CSS pixels of a touchpad that count as one notch of a wheel. */
const NOTCH = 40;
const SHEETS = ".dw-sheet, .dw-help";

/** @typedef {import("./hand.js").Hand} Hand */

export class Pointer {
  /** @param {Hand} hand */
  constructor(hand) {
    this.hand = hand;
    /** Fingers on the view, in device pixels. @type {Map<number, Point>} */
    this.touches = new Map();
    /** Middle and distance of two fingers. @type {{middle: Point, distance: number} | null} */
    this.pinch = null;
    this.turned = 0;
  }

  /** @param {(type: string, listener: (e: any) => void, options?: AddEventListenerOptions) => void} on */
  listen(on) {
    on("pointerdown", (e) => this.pressed(e));
    on("pointermove", (e) => this.moved(e));
    on("pointerup", (e) => this.lifted(e));
    on("pointercancel", (e) => this.lifted(e));
    on("pointerleave", () => this.hand.left());
    on("dblclick", (e) => this.doubled(e));
    on("wheel", (e) => this.wheeled(e), { passive: false });
  }

  /** Where an event is, in device pixels of the view. @type {(e: MouseEvent) => Point} */
  at(e) {
    const { canvas } = this.hand.view;
    const r = canvas.getBoundingClientRect();
    return [((e.clientX - r.left) * canvas.width) / r.width, ((e.clientY - r.top) * canvas.height) / r.height];
  }

  get fingers() {
    const [a, b] = this.touches.values();
    const middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    return { middle, distance: Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1])) };
  }

  /** @param {PointerEvent} e */
  pressed(e) {
    if (/** @type {Element} */ (e.target).closest(SHEETS)) return;
    const { hand } = this;
    const { box } = hand.view;
    box.focus({ preventScroll: true });
    hand.forgetCursor();
    try {
      box.setPointerCapture(e.pointerId);
    } catch {
      /* the pointer is gone already */
    }
    if (e.pointerType === "touch") {
      this.touches.set(e.pointerId, this.at(e));
      if (this.touches.size > 1) {
        hand.drop();
        hand.s.hand = true;
        this.pinch = this.fingers;
        return;
      }
    }
    if (e.button === 1) e.preventDefault(); // no automatic scrolling of the page
    const tool = e.button === 1 ? "pan" : e.button === 2 ? "zoom" : e.shiftKey ? "pan" : hand.s.tool;
    hand.down(tool, this.at(e), [e.clientX, e.clientY], this.touches.size ? 2.5 : 1);
  }

  /** @param {PointerEvent} e */
  moved(e) {
    const { hand } = this;
    const { s, view } = hand;
    if (this.touches.has(e.pointerId)) this.touches.set(e.pointerId, this.at(e));
    if (!this.pinch) {
      if (hand.held) hand.move(this.at(e), [e.clientX, e.clientY]);
      else view.hover(hand.imageAt(this.at(e)));
    } else if (this.touches.size > 1 && isImage(view.picture)) {
      const now = this.fingers;
      const by = [now.middle[0] - this.pinch.middle[0], now.middle[1] - this.pinch.middle[1]];
      s.moving = true;
      zoomAt(s, view, view.picture, now.distance / this.pinch.distance, this.pinch.middle, by);
      this.pinch = now;
    }
  }

  /** @param {PointerEvent} e */
  lifted(e) {
    const { hand } = this;
    this.touches.delete(e.pointerId);
    if (!this.pinch) hand.up(this.at(e), [e.clientX, e.clientY]);
    else if (this.touches.size < 2) {
      this.pinch = null;
      hand.s.hand = false;
      hand.s.settle();
    }
  }

  /** @param {MouseEvent} e */
  doubled(e) {
    if (/** @type {Element} */ (e.target).closest(SHEETS)) return;
    const { s } = this.hand;
    const found = this.hand.under(this.at(e), 1);
    if (found?.text && found.mark) putBack(s, found.mark);
    else if (!TOOLS[s.tool]?.click) s.reset();
  }

  /** @param {WheelEvent} e */
  wheeled(e) {
    const { s, view } = this.hand;
    const attended = [view.box, view.bar].some((part) => part.contains(document.activeElement));
    if (!attended || /** @type {Element} */ (e.target).closest(SHEETS)) return; // the notebook scrolls
    e.preventDefault();
    e.stopPropagation();
    if (!e.ctrlKey) s.scroll(s.index + this.notches(e));
    else if (isImage(view.picture)) {
      s.moving = true;
      zoomAt(s, view, view.picture, e.deltaY < 0 ? 1.1 : 1 / 1.1, this.at(e));
      s.soon();
    }
  }

  /** Frames for a turn of the wheel; a touchpad tells many small ones. @param {WheelEvent} e */
  notches({ deltaY, deltaMode }) {
    this.turned = Math.sign(this.turned) === Math.sign(deltaY) ? this.turned + deltaY : deltaY;
    if (!deltaMode && Math.abs(this.turned) < NOTCH) return 0;
    this.turned = 0;
    return Math.sign(deltaY);
  }
}
