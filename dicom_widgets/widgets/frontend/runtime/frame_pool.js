// What the widgets of one session in one document share: their views, their measurements, and the frames of the
// session. Keeps the list of wanted frames with the kernel, and takes in what comes.
import { INFLATES, inflated, spread, typed } from "./decoding.js";
import { drop, hold, makeRoom, previewOf } from "./buffers.js";
import { framesNear, keyOf } from "./frame_order.js";
import { MeasurementSync } from "./measurement_sync.js";
import { count, hear, page, say } from "./page.js";

/** ms between two lists: a hand that scrolls changes them faster than they are of use. */
const PAUSE = 40;
/** ms after which a frame that was announced is asked for again: a message may be lost on its way. */
const PATIENCE = 3000;

export class Shared {
  /** @param {Model} model the runtime's */
  constructor(model) {
    this.model = model;
    this.client = Math.random().toString(36).slice(2);
    /** Views by the uid of their widget. @type {Map<string, Surface>} */
    this.surfaces = new Map();
    /** The view that was touched last: others show where it lies. @type {Surface | null} */
    this.leader = null;
    /** What a press asked to appear below the viewer. @type {string | null} */
    this.awaited = null;
    this.marks = new MeasurementSync(model, this.client, () => this.surfaces.forEach((s) => s.paint()));
    this.uid = model.get("uid");
    /** The wish that the kernel knows. */
    this.asked = "";
    this.n = 0;
    this.patience = 0;
    this.later = 0;
    this.told = -PAUSE;
    /** What was announced last, and when. */
    this.mark = { key: "", at: 0 };
    /** The last message that is still being inflated. @type {Promise<unknown> | null} */
    this.last = null;
    /** What has come and was not acknowledged yet. @type {{key: string, took: number | null, whole: boolean}[]} */
    this.acks = [];
    hear(model, {
      mark: (message) => this.announced(message),
      frame: (message, buffers) => this.received(message, buffers),
      values: (message, buffers) => this.received(message, buffers),
    });
  }

  /** @type {(s: Surface) => Picture | undefined} */
  pictureOf(s) {
    return page.pictures.get(keyOf(s, s.index));
  }

  /** The views that show something. */
  get live() {
    return [...this.surfaces.values()].filter((s) => s.views.size && s.sizes.length);
  }

  /** Tells the kernel what is wanted, nearest first; more than fits into the budget is not asked for. */
  want(again = false) {
    const { live } = this;
    const { list, shown: must } = framesNear(live, this.model.get("ahead"), this.uid);
    const scrolling = live.some((s) => s.scrolling); // then a preview will do
    const { open, shown, near } = this.missing(list, scrolling, must);
    page.near.set(this.client, near);
    makeRoom(this.model.get("budget"));
    const wish = [scrolling, ...open].join();
    const forced = again || this.acks.length > 0; // what has come is acknowledged at once, with what is wanted now
    if (wish === this.asked && !forced) return;
    const early = this.told + PAUSE - performance.now();
    if (early > 0 && !forced) {
      this.later ||= setTimeout(() => {
        this.later = 0;
        this.want();
      }, early);
      return;
    }
    this.told = performance.now();
    this.asked = wish;
    clearTimeout(this.patience);
    if (open.length) this.wait(0);
    const bufferOf = (/** @type {string} */ key) => list.get(key)?.[0] ?? "";
    say(this.model, {
      type: "want",
      keys: open,
      shown,
      buffers: open.map(bufferOf).filter((buffer) => page.buffers.has(buffer)), // presented anew: the values are here
      previews: open.filter((key) => page.pictures.has(key)),
      scrolling,
      acks: this.acks.splice(0),
      inflates: INFLATES,
      client: this.client,
      n: this.n++,
    });
    count("want");
  }

  /**
   * Returns which frames of a list are not here: their keys, how many of them are shown, and the buffers close by.
   * @param {Map<string, [buffer: string, bytes: number]>} list
   * @param {boolean} scrolling
   * @param {number} must how many of the first are shown, and wanted whatever the budget
   */
  missing(list, scrolling, must) {
    const budget = this.model.get("budget");
    /** @type {Set<string>} */
    const near = new Set();
    /** @type {string[]} */
    const open = [];
    let [bytes, rank, shown] = [0, 0, 0];
    for (const [key, [buffer, size]] of list) {
      if (!near.has(buffer)) {
        if (bytes + size > budget && rank >= must) break;
        near.add(buffer);
        bytes += size;
      }
      const preview = page.pictures.get(key)?.preview;
      if (preview === undefined || (preview && !scrolling)) open.push(key);
      if (++rank === must) shown = open.length;
    }
    return { open, shown, near };
  }

  /** @param {number} within ms that the next frame may take by itself */
  wait(within) {
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.want(true), PATIENCE + within);
  }

  /** @param {MarkMessage} message */
  announced({ key, within }) {
    this.mark = { key, at: performance.now() };
    this.wait(within);
  }

  /**
   * Takes in a frame, or the values of one whose preview has come.
   * @param {FrameMessage} message
   * @param {DataView[]} buffers
   */
  received(message, buffers) {
    count("messages");
    count(
      "wire",
      buffers.reduce((sum, b) => sum + b.byteLength, 0),
    );
    const took = message.key === this.mark.key ? performance.now() - this.mark.at : null;
    const packed = message.parts.some(([, , planes]) => planes);
    if (packed && !INFLATES) return; // meant for another client
    if (!packed && !this.last) {
      const arrays = message.parts.map(([, type], i) => typed(type, buffers[i]));
      this.accept(message, arrays, took);
      return;
    }
    const arrays = message.parts.map(async ([, type, planes], i) =>
      typed(type, planes ? await inflated(buffers[i], planes) : buffers[i]),
    );
    const ready = Promise.all(arrays).catch(() => null); // damaged on its way: it is asked for again
    // Inflating ends in any order; messages count in that of their coming.
    const mine = Promise.all([ready, Promise.allSettled([this.last])])
      .then(([found]) => found && this.accept(message, found, took))
      .finally(() => {
        if (this.last === mine) this.last = null;
      });
    this.last = mine;
  }

  /**
   * @param {FrameMessage} message
   * @param {Values[]} arrays
   * @param {number | null} took ms from its announcement
   */
  accept({ parts, type, ...message }, arrays, took) {
    const { values, ...tables } = Object.fromEntries(parts.map(([name], i) => [name, arrays[i]]));
    const { key, buffer } = message;
    const held = type === "values" ? page.pictures.get(key) : { ...message, tables };
    if (values && !message.preview) {
      hold(buffer, values);
      drop(previewOf(buffer));
      count("bytes", values.byteLength);
    } else if (values) hold(previewOf(buffer), spread(values, message));
    const whole = !!message.page || page.buffers.has(buffer);
    if (!held || !(whole || values)) {
      this.asked = ""; // dropped while more of it was under way
      this.want();
      return;
    }
    const preview = whole ? 0 : message.preview;
    page.pictures.set(key, Object.freeze({ ...held, preview, buffer: whole ? buffer : previewOf(buffer) }));
    if (!message.more) this.acks.push({ key, took, whole });
    for (const s of this.surfaces.values()) if (s.moving || keyOf(s, s.index) === key) s.paint();
    this.want();
  }

  /**
   * Returns the last picture that is here on the hand's way from an index, never back, while the hand is ahead of
   * what has come.
   * @param {Surface} s
   * @param {number} from
   */
  passed(s, from) {
    const step = Math.sign(from - s.index);
    for (let i = s.index + step; step && i !== from; i += step) {
      const picture = page.pictures.get(keyOf(s, i));
      if (picture) return { picture, index: i };
    }
    return { picture: undefined, index: s.index };
  }

  /** Ends what would go on by itself. */
  forget() {
    page.near.delete(this.client);
    clearTimeout(this.patience);
    clearTimeout(this.later);
    this.marks.forget();
  }
}
