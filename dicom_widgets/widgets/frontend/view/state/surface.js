import { clamp } from "../../core/numbers.js";
import { isDifference, stemOf } from "../../core/picture.js";
import { count, say } from "../../runtime/page.js";
import { matchedPitch } from "../../runtime/screen_pitch.js";
import { play } from "./cine.js";
import { follow } from "./crosshair.js";
import { lead } from "./links.js";
import { retrace } from "./reference_lines.js";

const REST = 150; // ms after the last wheel or key: the hand rests

const STATE = ["index", "look", "zoom", "pan", "tool", "texts", "interpolation", "opacity", "playing", "rate", "difference"]; // the twin of widgets/surface.py

const freshLook = () => ({window: null, invert: false, turns: 0, flip: false, hidden: []});

class Surface {
  constructor(model, shared) {
    Object.assign(this, {
      model, shared,
      sid: "", frames: [], sizes: [], labels: [], missing: [], dims: [], // the series
      cine: null, cross: null, cut: "", places: null, modality: "", tiled: false,
      index: 0, look: freshLook(), zoom: null, pan: [0, 0], tool: "window", texts: "all", interpolation: "area", // the state
      opacity: {}, playing: false, rate: null, difference: false,
      states: [], presentation: "newest", subtraction: {on: false, able: false, run: false}, note: "", told: null, more: false, seq: -1, settles: 0,
      draft: null, selected: "", // a measurement that is being made, and the uid of the selected one
      hand: false, moving: false, scrolling: false, way: 1, timer: 0, frame: 0, views: new Set(),
    });
  }

  get pitch() { return this.told ?? matchedPitch(); } // of the screen: as the notebook says, else as it was matched by hand

  get picture() { return this.shared.pictureOf(this); }

  paint() { this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.views.forEach(v => v.paint()); }); }

  change(changes) {
    const before = {index: this.index, look: this.look};
    Object.assign(this, changes);
    if (this.look.window !== before.look.window) this.difference = this.picture ? isDifference(this.picture) : this.subtraction.on;
    lead(this, before, changes);
    if ("tool" in changes || "interpolation" in changes || "playing" in changes || "rate" in changes) this.views.forEach(v => v.update());
    if (this.cross) follow(this, changes);
    this.paint();
  }

  act(changes) { this.change(changes); this.settle(); } // a change that is complete

  settle() { // the hand rests: the kernel is told
    clearTimeout(this.timer);
    this.timer = 0;
    this.moving = this.scrolling = false;
    this.paint();
    this.shared.want();
    const state = Object.fromEntries(STATE.map(name => [name, this[name]]));
    if (!say(this.model, {type: "settle", client: this.shared.client, n: ++this.settles, frame: this.frames[this.index] ?? "", ...state})) {
      this.note = "The kernel is gone: run the cell again.";
    }
    count("settle");
  }

  soon() { clearTimeout(this.timer); this.timer = setTimeout(() => this.settle(), REST); }

  scroll(to) {
    const index = clamp(Math.round(to), 0, Math.max(0, this.sizes.length - 1));
    if (index === this.index) return;
    this.way = Math.sign(index - this.index);
    this.moving = this.scrolling = true;
    this.change({index});
    this.shared.want();
    this.soon();
  }

  reset() { this.act({look: freshLook(), zoom: null, pan: [0, 0]}); }

  windowOf(picture) { return this.difference === isDifference(picture) ? this.look.window : null; } // one of differences is for no other frame

  fit() { this.act({zoom: null, pan: [0, 0]}); }

  looking(changes) { this.act({look: {...this.look, ...changes}}); }

  hear(msg) {
    const shown = stemOf(this.frames[this.index]);
    if (msg.series) {
      Object.assign(this, {cut: "", places: null, modality: "", tiled: false}, msg.series);
      this.index = Math.max(0, this.frames.findIndex(name => stemOf(name) === shown)); // it stays in view where the series grew around it
    }
    if (msg.states) this.states = msg.states;
    this.subtraction = msg.subtraction;
    this.note = msg.note ?? "";
    Object.assign(this, {more: msg.more, told: msg.pitch});
    const late = (msg.settled[this.shared.client] ?? 0) < this.settles; // the kernel has not heard yet how the hand left it
    const still = this.seq < 0 && window.matchMedia("(prefers-reduced-motion: reduce)").matches; // nothing moves as a page comes
    if (!late) this.views.forEach(v => v.announce());
    if (!(this.hand || this.timer || msg.seq < this.seq || late)) { // else the hand is ahead of the kernel
      const played = this.playing && msg.playing ? this.index : null; // the loop goes on from where it is
      for (const name of [...STATE, "seq", "presentation"]) this[name] = msg[name];
      if (played !== null) this.index = played;
      if (this.playing && still) this.act({playing: false});
      else if (this.playing) play(this);
    }
    this.index = clamp(this.index, 0, Math.max(0, this.sizes.length - 1));
    this.views.forEach(v => v.update());
    this.paint();
    retrace(this);
    this.shared.want();
  }
}

export function surfaceOf(model, shared) {
  const id = model.get("uid");
  if (!shared.surfaces.has(id)) shared.surfaces.set(id, new Surface(model, shared));
  return shared.surfaces.get(id);
}
