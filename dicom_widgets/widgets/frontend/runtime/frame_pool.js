import { drop, hold, makeRoom, previewOf } from "./buffers.js";
import { INFLATES, inflated, spread, typed } from "./decoding.js";
import { marksOf } from "./measurement_sync.js";
import { count, page, say } from "./page.js";

const PAUSE = 40; // ms between two lists: a hand that scrolls changes them faster than they are of use

// Keeps one client's list of wanted frames with the kernel. Surfaces: {sid, frames, sizes, index, views}.
export function pool(model) {
  const uid = model.get("uid"), client = Math.random().toString(36).slice(2), surfaces = new Map();
  let asked = "", n = 0, patience = 0, later = 0, told = -PAUSE, mark = {}, last = null, acks = [];
  const keyOf = (s, i) => `${s.sid}.${s.frames[i]}`;
  const tell = message => say(model, {...message, client, n: n++});
  const live = () => [...surfaces.values()].filter(s => s.views.size && s.sizes.length);

  function want(again = false) { // nearest first, where the hand goes before where it was, all surfaces in turn; more than fits is not asked for
    const list = new Map();
    const add = (s, i) => { if (i >= 0 && i < s.sizes.length) list.set(keyOf(s, i), [`${uid}.${s.frames[i]}`, s.sizes[i]]); };
    for (const s of live()) add(s, s.index);
    const must = list.size;
    const ahead = model.get("ahead");
    for (let d = 1; d <= ahead; d++) for (const s of live()) { add(s, s.index + s.way * d); if (d % 2 === 0) add(s, s.index - s.way * d / 2); }
    for (let d = ahead >> 1; d <= ahead; d++) for (const s of live()) add(s, s.index - s.way * d);
    const scrolling = live().some(s => s.scrolling); // then a preview will do
    const near = new Set(), open = [], budget = model.get("budget");
    let bytes = 0, rank = 0, shown = 0;
    for (const [key, [buffer, size]] of list) {
      if (!near.has(buffer)) {
        if (bytes + size > budget && rank >= must) break;
        near.add(buffer);
        bytes += size;
      }
      const preview = page.pictures.get(key)?.preview; // 0 is the whole
      if (preview === undefined || preview && !scrolling) open.push(key);
      if (++rank === must) shown = open.length;
    }
    page.near.set(client, near);
    makeRoom(budget);
    const wish = [scrolling, ...open].join();
    if (wish === asked && !again && !acks.length) return;
    const early = told + PAUSE - performance.now();
    if (early > 0 && !again && !acks.length) { // what has come is acknowledged at once, with what is wanted now
      later ||= setTimeout(() => { later = 0; want(); }, early);
      return;
    }
    told = performance.now();
    asked = wish;
    clearTimeout(patience);
    if (open.length) wait(0);
    const buffers = open.map(key => list.get(key)[0]).filter(buffer => page.buffers.has(buffer)); // presented anew: the values are here
    const previews = open.filter(key => page.pictures.has(key));
    tell({type: "want", keys: open, shown, buffers, previews, scrolling, acks: acks.splice(0), inflates: INFLATES});
    count("want");
  }

  function wait(within) { // a message may be lost on its way
    clearTimeout(patience);
    patience = setTimeout(() => want(true), 3000 + within);
  }

  function heard(msg, buffers) {
    if (msg.type === "mark") { // a frame comes next, within so many ms
      mark = {key: msg.key, at: performance.now()};
      return wait(msg.within);
    }
    if (msg.type !== "frame" && msg.type !== "values") return;
    count("messages");
    count("wire", buffers.reduce((sum, b) => sum + b.byteLength, 0));
    const took = msg.key === mark.key ? performance.now() - mark.at : null, packed = msg.parts.some(([,, planes]) => planes);
    if (packed && !INFLATES) return; // meant for another client
    const read = ([, type, planes], i) => planes ? inflated(buffers[i], planes).then(bytes => typed(type, bytes)) : typed(type, buffers[i]);
    const arrays = msg.parts.map(read);
    if (!packed && !last) return accept(msg, arrays, took);
    const ready = Promise.all(arrays).catch(() => null); // damaged on its way: it is asked for again
    const mine = Promise.all([ready, Promise.allSettled([last])]) // inflating ends in any order; messages count in that of their coming
      .then(([found]) => found && accept(msg, found, took))
      .finally(() => { if (last === mine) last = null; });
    last = mine;
  }

  function accept({parts, type, ...msg}, arrays, took) {
    const {values, ...tables} = Object.fromEntries(parts.map(([name], i) => [name, arrays[i]])), {key, buffer} = msg;
    const held = type === "values" ? page.pictures.get(key) : {...msg, tables};
    if (values && !msg.preview) {
      hold(buffer, values);
      drop(previewOf(buffer));
      count("bytes", values.byteLength);
    } else if (values) hold(previewOf(buffer), spread(values, msg));
    const whole = msg.page || page.buffers.has(buffer);
    if (!held || !(whole || values)) { asked = ""; return want(); } // dropped while more of it was under way
    page.pictures.set(key, Object.freeze({...held, preview: whole ? 0 : msg.preview, buffer: whole ? buffer : previewOf(buffer)}));
    if (!msg.more) acks.push({key, took, whole});
    for (const s of surfaces.values()) if (s.moving || keyOf(s, s.index) === key) s.paint();
    want();
  }

  function passed(s, from) { // while the hand is ahead of what has come: the last that is here on its way, never back
    const step = Math.sign(from - s.index);
    for (let i = s.index + step; step && i !== from; i += step) {
      const picture = page.pictures.get(keyOf(s, i));
      if (picture) return {picture, index: i};
    }
    return {};
  }
  model.on("msg:custom", heard);
  const marks = marksOf(model, client, message => say(model, message), () => surfaces.forEach(s => s.paint()));
  const forget = () => { page.near.delete(client); clearTimeout(patience); clearTimeout(later); marks.forget(); };
  return {client, surfaces, marks, want, passed, forget, pictureOf: s => page.pictures.get(keyOf(s, s.index))};
}
