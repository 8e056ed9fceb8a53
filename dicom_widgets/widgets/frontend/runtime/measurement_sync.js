// The measurements of a session in a page: one set for all views. What the hand does holds at once, also while the
// kernel is busy; it is told again until the kernel has answered. Each measurement gets its uid here, so none is
// doubled.
import { noFigures } from "../core/measurements/figures.js";
import { KINDS, figuresOf } from "../core/measurements/kinds.js";
import { touch } from "./buffers.js";
import { hear, say } from "./page.js";

/** How many steps are kept to be taken back. */
const UNDONE = 100;
/** ms after which an unanswered change is told again, at first and at most. */
const PATIENCE = [3000, 60000];

export class MeasurementSync {
  /**
   * @param {Model} model the runtime's
   * @param {string} client
   * @param {() => void} paint
   */
  constructor(model, client, paint) {
    this.model = model;
    this.client = client;
    this.paint = paint;
    /** @type {Map<string, Measurement>} */
    this.all = new Map();
    /** uid -> number of the message that tells it; Infinity while the hand moves. @type {Map<string, number>} */
    this.waiting = new Map();
    /** @type {Map<string, number>} */
    this.revisions = new Map();
    /** Figures that the page computed. @type {WeakMap<Measurement, {buffer: string, figures: Figures}>} */
    this.computed = new WeakMap();
    /** What the hand did: which measurement, and how it was before. @type {[string, Measurement | null][]} */
    this.past = [];
    this.timer = 0;
    this.patience = PATIENCE[0];
    this.n = 0;
    hear(model, { measured: (message) => this.measured(message) });
  }

  /** The changes that the kernel has not answered. */
  get rested() {
    return [...this.waiting].filter(([, n]) => n < Infinity).map(([uid]) => uid);
  }

  /**
   * Tells the kernel of changes; false when it is gone.
   * @param {string[]} uids
   * @param {boolean} [everything] whether all measurements are asked for too
   */
  send(uids, everything = false) {
    if (!uids.length && !everything) return true;
    this.n++;
    for (const uid of uids) this.waiting.set(uid, this.n);
    const changes = uids.map((uid) => [uid, this.told(uid)]);
    const told = say(this.model, { type: "measure", client: this.client, n: this.n, all: everything, changes });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.patience = Math.min(PATIENCE[1], 2 * this.patience);
      this.send(this.rested);
    }, this.patience);
    return told;
  }

  /**
   * Returns a measurement without its figures, as the kernel gets it; null where it was removed.
   * @param {string} uid
   */
  told(uid) {
    const mark = this.all.get(uid);
    return mark ? { ...mark, figures: undefined } : null;
  }

  /** @param {MeasuredMessage} message */
  measured({ echo, all, changes }) {
    const ours = echo?.[0] === this.client ? echo[1] : -1;
    for (const { uid, revision, mark } of changes) {
      if ((this.waiting.get(uid) ?? -Infinity) > ours) continue; // the hand is ahead of the kernel
      this.waiting.delete(uid);
      if ((this.revisions.get(uid) ?? -Infinity) > revision) continue;
      this.revisions.set(uid, revision);
      if (mark) this.all.set(uid, mark);
      else this.all.delete(uid);
    }
    if (all !== null) {
      const told = new Set(changes.map((c) => c.uid));
      for (const uid of [...this.all.keys()]) {
        const newer = (this.revisions.get(uid) ?? -Infinity) > all;
        if (!told.has(uid) && !this.waiting.has(uid) && !newer) this.all.delete(uid);
      }
    }
    if (!this.rested.length) {
      clearTimeout(this.timer);
      this.patience = PATIENCE[0];
    }
    this.paint();
  }

  /**
   * Remembers how a measurement was, to take a change back.
   * @type {(uid: string, before: Measurement | null) => void}
   */
  keep(uid, before) {
    this.past.push([uid, before]);
    this.past.splice(0, this.past.length - UNDONE);
  }

  undo() {
    return this.past.pop();
  }

  /** Returns the measurements on the frame of a picture. @param {Picture} picture */
  on({ meaning }) {
    return [...this.all.values()].filter((m) => m.instance === meaning.instance && m.frame === meaning.frame);
  }

  /**
   * Changes a measurement while the hand moves.
   * @param {Measurement} mark
   * @param {Figures} [figures] where they stay the same
   */
  put(mark, figures) {
    const { figures: _old, ...plain } = mark;
    this.all.set(mark.uid, figures ? { ...plain, figures } : plain);
    this.waiting.set(mark.uid, Infinity);
    this.paint();
  }

  /** @param {string} uid */
  remove(uid) {
    if (!this.all.delete(uid)) return;
    this.send([uid]);
    this.paint();
  }

  /** Tells the kernel what the hand did, as it rests; false when the kernel is gone. */
  rest() {
    return this.send([...this.waiting].filter(([, n]) => n === Infinity).map(([uid]) => uid));
  }

  /** Asks for all measurements. */
  ask() {
    return this.send(this.rested, true);
  }

  forget() {
    clearTimeout(this.timer);
  }

  /**
   * Returns the kernel's figures, or what the page makes of a measurement meanwhile.
   * @param {Measurement} mark
   * @param {Picture} picture
   */
  figures(mark, picture) {
    if (mark.figures) return mark.figures;
    const kind = KINDS[mark.kind];
    const below = JSON.stringify(picture.meaning.subtraction);
    if (!kind || (kind.valued && JSON.stringify(mark.subtraction ?? null) !== below)) {
      if (!this.waiting.has(mark.uid)) this.send([mark.uid]); // of values that are not shown
      return noFigures("measured by the kernel …");
    }
    const held = this.computed.get(mark);
    if (held?.buffer === picture.buffer) return held.figures;
    const figures = figuresOf(mark, picture, touch(picture));
    this.computed.set(mark, { buffer: picture.buffer, figures });
    return figures;
  }
}
