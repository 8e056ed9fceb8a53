// The hand on a view: what is pressed, moved and released by the pointer, or by a cursor for the keyboard. Both of
// them use the same tools.
import { fromScreen } from "../../core/geometry/axes.js";
import { clamp } from "../../core/numbers.js";
import { isImage } from "../../core/picture.js";
import { axesIn } from "../state/zooming.js";
import { GRAB, TURN, gripAt } from "./grips.js";
import { TOOLS } from "./tools.js";

/** Directions of the keyboard's cursor, in steps. @type {Record<string, Point>} */
const STEPS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  PageUp: [0, -5],
  PageDown: [0, 5],
};
/** CSS pixels of a step. */
const STEP = 8;

export class Hand {
  /**
   * @param {Surface} s
   * @param {View} view
   */
  constructor(s, view) {
    this.s = s;
    this.view = view;
    /**
     * What is held: its tool, what `down` returned, and where the pointer was, in CSS pixels.
     * @type {{row: Drag, start: any, from: Point, last: Point, moved: boolean} | null}
     */
    this.held = null;
    /** The keyboard's cursor, in device pixels of the view. @type {Point | null} */
    this.cursor = null;
    /** Whether the cursor was brought to a handle. */
    this.onHandle = false;
    view.stand = (screen) => this.stand(screen, true);
  }

  /** @type {(screen: Point) => Point | null} */
  imageAt(screen) {
    const { s, view } = this;
    const { picture } = view;
    return isImage(picture) ? fromScreen(picture, axesIn(s, view, picture))(screen) : null;
  }

  /** What a press would take up; a finger is thicker. @type {(screen: Point, thick: number) => Grip | null} */
  under(screen, thick) {
    const { s, view } = this;
    return isImage(view.picture) ? gripAt(s, view, view.picture, screen, thick * this.dpr) : null;
  }

  get dpr() {
    return this.view.canvas.width / this.view.box.clientWidth;
  }

  /** @type {(screen: Point, more?: Partial<Press>) => Press} */
  press(screen, more) {
    const { s, view, dpr } = this;
    const picture = isImage(view.picture) ? view.picture : null;
    const still = { start: undefined, dx: 0, dy: 0, sx: 0, sy: 0, grabbed: null };
    return { s, view, picture, screen, image: this.imageAt(screen), dpr, ...still, ...more };
  }

  /**
   * @param {string} tool
   * @param {Point} screen in device pixels of the view
   * @param {Point} at in CSS pixels
   * @param {number} thick how large something has to be to be taken up; 0 takes up nothing
   */
  down(tool, screen, at, thick) {
    const grabbed = thick && tool === this.s.tool ? this.under(screen, thick) : null;
    const press = this.press(screen, { grabbed });
    const row = grabbed?.cut ? TURN : grabbed ? GRAB : TOOLS[tool];
    if (!row || !(press.picture || row.pages)) return;
    this.s.hand = true;
    this.held = { row, start: undefined, from: at, last: at, moved: false };
    this.held.start = row.down(press);
  }

  /** @type {(screen: Point, at: Point) => void} */
  move(screen, at) {
    if (!this.held) return;
    const { row, start, from, last } = this.held;
    const [dx, dy] = [at[0] - from[0], at[1] - from[1]];
    const press = this.press(screen, { start, dx, dy, sx: at[0] - last[0], sy: at[1] - last[1] });
    this.held.moved ||= dx !== 0 || dy !== 0;
    this.held.last = at;
    if (press.picture || row.pages) row.move?.(press);
  }

  /** @type {(screen: Point, at: Point) => void} */
  up(screen, at) {
    if (!this.held) return;
    const { row, start, moved, from } = this.held;
    const press = this.press(screen, { start, dx: at[0] - from[0], dy: at[1] - from[1] });
    this.held = null;
    this.s.hand = false;
    if (!moved && !row.click) return;
    row.up?.(press);
    this.s.settle();
  }

  /** Gives up what is held. */
  drop() {
    const { s, view, held } = this;
    held?.row.drop?.({ s, view, start: held.start });
    this.held = null;
  }

  left() {
    if (!this.held && !this.cursor) this.view.hover(null);
  }

  forgetCursor() {
    this.cursor = null;
    this.view.cursor(null);
  }

  /**
   * Brings the keyboard's cursor somewhere: to a handle, or on its way.
   * @type {(screen: Point, onHandle: boolean) => void}
   */
  stand(screen, onHandle) {
    const { view } = this;
    this.cursor = screen;
    this.onHandle = onHandle;
    view.cursor(screen);
    view.hover(this.imageAt(screen));
    view.announce();
  }

  /** Moves the keyboard's cursor; Enter presses and releases. @param {string} key */
  key(key) {
    const { canvas } = this.view;
    const { devicePixelRatio: dpr } = window;
    const sizes = [canvas.width, canvas.height];
    const now = this.cursor ?? sizes.map((n) => n / 2);
    const by = STEPS[key];
    const next = by ? now.map((c, i) => clamp(c + by[i] * STEP * dpr, 0, sizes[i] - 1)) : now;
    this.cursor = next;
    const at = next.map((c) => c / dpr);
    if (key !== "Enter") this.move(next, at);
    else if (this.held) this.up(next, at);
    else this.down(this.s.tool, next, at, this.onHandle ? 1 : 0);
    this.stand(next, false);
  }

  /** Leaves what is held, or the keyboard's cursor; false where there is nothing to leave. */
  escape() {
    const busy = !!this.held || !!this.s.draft;
    if (busy) {
      this.drop();
      this.s.draft = null;
      this.s.hand = false;
      this.s.settle();
    }
    if (!this.cursor) return busy;
    this.forgetCursor();
    return true;
  }
}
