// What all views of one widget in a page share: the state of the view, as page and kernel tell it each other.
import { clamp } from "../../core/numbers.js";
import { isDifference, stemOf } from "../../core/picture.js";
import { count, say } from "../../runtime/page.js";
import { matchedPitch } from "../../runtime/screen_pitch.js";
import { play } from "./cine.js";
import { follow } from "./crosshair.js";
import { lead } from "./links.js";
import { retrace } from "./reference_lines.js";

/** ms after the last wheel or key: the hand rests. */
const REST = 150;
/** @type {() => Look} */
const freshLook = () => ({ window: null, invert: false, turns: 0, flip: false, hidden: [] });

export class Surface {
  sid = "";
  /** @type {string[]} */
  frames = [];
  /** Bytes of each frame. @type {number[]} */
  sizes = [];
  /** @type {string[]} */
  labels = [];
  /** @type {{from: number, to: number, words: string}[]} */
  missing = [];
  /** @type {Dimensions[]} */
  dims = [];
  /** @type {Cine | null} */
  cine = null;
  /** @type {Crosshair | null} */
  cross = null;
  cut = "";
  /** @type {FramePositions | null} */
  places = null;
  modality = "";
  tiled = false;

  index = 0;
  look = freshLook();
  zoom = /** @type {Zoom} */ (null);
  pan = /** @type {Point} */ ([0, 0]);
  tool = "window";
  texts = "all";
  interpolation = "area";
  /** @type {Record<string, number>} */
  opacity = {};
  playing = false;
  /** Frames a second; null is the file's own. @type {number | null} */
  rate = null;
  /** Whether the window is one of differences. */
  difference = false;
  /** The names of the state that the page reports: the kernel says them. @type {string[]} */
  fields = [];

  /** Whether a button is down. */
  hand = false;
  /** Whether what is shown moves: then the nearest pixels will do. */
  moving = false;
  scrolling = false;
  /** Where the hand scrolls to: 1 or -1. */
  way = 1;
  timer = 0;
  frame = 0;
  /** What is played. @type {{dropped: number, rate: number} | null} */
  run = null;
  /** Index at which the crosshair of the others was painted. @type {number | undefined} */
  crossed = undefined;
  /** Index at which its frames were painted, of a view of cuts. @type {number | undefined} */
  cutShown = undefined;
  /** The ends of its stack, as long as it leads. @type {{of: string, found: FramePlane[]} | undefined} */
  ends = undefined;

  /**
   * @param {Model} model the viewport's
   * @param {Shared} shared
   */
  constructor(model, shared) {
    this.model = model;
    this.shared = shared;
    this.views = /** @type {Set<View>} */ (new Set());
    /** @type {PresentationState[]} */
    this.states = [];
    this.presentation = "newest";
    this.subtraction = { on: false, able: false, run: false };
    this.note = "";
    /** The pitch of the screen that the notebook says. @type {number | null} */
    this.told = null;
    /** Whether the widgets below a viewer can be asked for. */
    this.more = false;
    this.seq = -1;
    this.settles = 0;
    /** The message that was heard last, by whichever view. @type {StateMessage | null} */
    this.heard = null;
    /** A measurement that is being made. @type {{placed: number, mark: Measurement} | null} */
    this.draft = null;
    /** The uid of the selected measurement. */
    this.selected = "";
  }

  /** Millimetres for each device pixel: as the notebook says, else as the screen was matched by hand. */
  get pitch() {
    return this.told ?? matchedPitch();
  }

  get picture() {
    return this.shared.pictureOf(this);
  }

  paint() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.views.forEach((v) => v.paint());
    });
  }

  /** @param {Partial<Surface>} changes */
  change(changes) {
    const before = { index: this.index, look: this.look };
    Object.assign(this, changes);
    if (this.look.window !== before.look.window) {
      this.difference = this.picture ? isDifference(this.picture) : this.subtraction.on;
    }
    lead(this, before, changes);
    const shown = ["tool", "interpolation", "playing", "rate"];
    if (shown.some((name) => name in changes)) this.views.forEach((v) => v.update());
    if (this.cross) follow(this, changes);
    this.paint();
  }

  /** Makes a change that is complete. @param {Partial<Surface>} changes */
  act(changes) {
    this.change(changes);
    this.settle();
  }

  /** The hand rests: the kernel is told. */
  settle() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.moving = this.scrolling = false;
    this.paint();
    this.shared.want();
    if (!this.fields.length) return; // nothing has been heard yet
    const own = /** @type {Record<string, any>} */ (/** @type {unknown} */ (this));
    const state = Object.fromEntries(this.fields.map((name) => [name, own[name]]));
    const frame = this.frames[this.index] ?? "";
    if (!say(this.model, { type: "settle", client: this.shared.client, n: ++this.settles, frame, ...state })) {
      this.note = "The kernel is gone: run the cell again.";
    }
    count("settle");
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle(), REST);
  }

  /** @param {number} to an index, or what lies between two */
  scroll(to) {
    const index = clamp(Math.round(to), 0, Math.max(0, this.sizes.length - 1));
    if (index === this.index) return;
    this.way = Math.sign(index - this.index);
    this.moving = this.scrolling = true;
    this.change({ index });
    this.shared.want();
    this.soon();
  }

  reset() {
    this.act({ look: freshLook(), zoom: null, pan: [0, 0] });
  }

  /** Returns the window of the hand; one of differences is for no other frame. @param {Picture | undefined} picture */
  windowOf(picture) {
    return this.difference === isDifference(picture) ? this.look.window : null;
  }

  fit() {
    this.act({ zoom: null, pan: [0, 0] });
  }

  /** @param {Partial<Look>} changes */
  looking(changes) {
    this.act({ look: { ...this.look, ...changes } });
  }

  /** Takes over what the kernel says, unless the hand is ahead of it. @param {StateMessage} message */
  hear(message) {
    const shown = stemOf(this.frames[this.index]);
    if (message.series) {
      Object.assign(this, { cut: "", places: null, modality: "", tiled: false }, message.series);
      // The frame stays in view where the series grew around it.
      this.index = Math.max(
        0,
        this.frames.findIndex((name) => stemOf(name) === shown),
      );
    }
    if (message.states) this.states = message.states;
    this.fields = message.fields;
    this.subtraction = message.subtraction;
    this.note = message.note ?? "";
    this.more = message.more;
    this.told = message.pitch;
    const late = (message.settled[this.shared.client] ?? 0) < this.settles; // it does not know yet how the hand left it
    if (!late) this.views.forEach((v) => v.announce());
    if (!(this.hand || this.timer || message.seq < this.seq || late)) this.#take(message);
    this.index = clamp(this.index, 0, Math.max(0, this.sizes.length - 1));
    this.views.forEach((v) => v.update());
    this.paint();
    retrace(this);
    this.shared.want();
  }

  /** @param {StateMessage} message */
  #take(message) {
    const still = this.seq < 0 && window.matchMedia("(prefers-reduced-motion: reduce)").matches; // as a page comes
    const played = this.playing && message.playing ? this.index : null; // the loop goes on from where it is
    Object.assign(this, Object.fromEntries([...this.fields, "seq", "presentation"].map((n) => [n, message[n]])));
    if (played !== null) this.index = played;
    if (this.playing && still) this.act({ playing: false });
    else if (this.playing) play(this);
  }
}

/**
 * Returns what the views of a widget share.
 * @param {Model} model
 * @param {Shared} shared
 */
export function surfaceOf(model, shared) {
  const id = model.get("uid");
  const known = shared.surfaces.get(id) ?? new Surface(model, shared);
  shared.surfaces.set(id, known);
  return known;
}
