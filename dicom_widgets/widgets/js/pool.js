// The frames of the page: buffers in the order of their last use under one byte budget; a picture names a buffer.
const page = (slot({}, ""), globalThis[Symbol.for("dicom_widgets@1")]);
const count = (name, n = 1) => { page.stats[name] = (page.stats[name] ?? 0) + n; };
const say = (model, message) => { // false when the kernel is gone
  try { model.send(message); return true; } catch { return false; }
};

const ARRAYS = {uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, uint32: Uint32Array, float64: Float64Array};
function typed(type, view) { // a part of a message as the array that it is
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  if (type === "bits") { // eight pixels a byte, the lowest bit first
    const out = new Uint8Array(8 * bytes.length);
    for (let i = 0; i < out.length; i++) out[i] = bytes[i >> 3] >> (i & 7) & 1;
    return out;
  }
  if (type === "rgb") {
    const out = new Uint32Array(bytes.length / 3), [r, g, b] = LITTLE ? [0, 8, 16] : [24, 16, 8];
    for (let i = 0, k = 0; i < out.length; i++, k += 3) out[i] = BLACK | bytes[k] << r | bytes[k + 1] << g | bytes[k + 2] << b;
    return out;
  }
  const Kind = ARRAYS[type], fits = view.byteOffset % Kind.BYTES_PER_ELEMENT === 0;
  return fits ? new Kind(view.buffer, view.byteOffset, view.byteLength / Kind.BYTES_PER_ELEMENT) : new Kind(bytes.slice().buffer);
}

const added = () => [...page.pictures.values()].reduce((sum, p) => sum + layerBytes(p), 0); // what layers over images take
function makeRoom(budget) {
  for (const [id, data] of page.buffers) {
    if (page.bytes + added() <= budget) return;
    if ([...page.near.values()].some(near => near.has(id))) continue; // some view of the page stands close by
    page.buffers.delete(id);
    page.bytes -= data.byteLength;
    count("evicted");
    for (const [key, p] of page.pictures) if (p.buffer === id) page.pictures.delete(key);
  }
}

function touch(picture) {
  const data = page.buffers.get(picture.buffer);
  page.buffers.delete(picture.buffer);
  page.buffers.set(picture.buffer, data);
  return data;
}

// Keeps one client's list of wanted frames with the kernel. Surfaces: {sid, pid, sizes, index, views}.
function pool(model) {
  const uid = model.get("uid"), client = Math.random().toString(36).slice(2), surfaces = new Map();
  let asked = "", n = 0, patience = 0;
  const keyOf = (s, i) => `${s.sid}.${i}`;
  const tell = message => say(model, {...message, client, n: n++});
  const live = () => [...surfaces.values()].filter(s => s.views.size && s.sizes.length);

  function want(again = false) { // nearest first, all surfaces in turn; more than fits is not asked for
    const list = new Map();
    const add = (s, i) => { if (i >= 0 && i < s.sizes.length) list.set(keyOf(s, i), [`${s.pid}.${i}`, s.sizes[i]]); };
    for (const s of live()) add(s, s.index);
    const must = list.size;
    for (let d = 1; d <= model.get("ahead"); d++) for (const s of live()) { add(s, s.index + d); add(s, s.index - d); }
    const near = new Set(), open = [], budget = model.get("budget");
    let bytes = 0, rank = 0;
    for (const [key, [buffer, size]] of list) {
      if (!near.has(buffer)) {
        if (bytes + size > budget && rank >= must) break;
        near.add(buffer);
        bytes += size;
      }
      rank++;
      if (!page.pictures.has(key)) open.push(key);
    }
    page.near.set(client, near);
    makeRoom(budget);
    if (open.join() === asked && !again) return;
    asked = open.join();
    clearTimeout(patience);
    if (open.length) patience = setTimeout(() => want(true), 3000); // a message may be lost on its way
    tell({type: "want", keys: open, buffers: [...page.buffers.keys()].filter(b => b.startsWith(uid))});
    count("want");
  }

  function heard(msg, buffers) {
    if (msg.type !== "frame") return;
    count("messages");
    const tables = {};
    let values = null;
    msg.parts.forEach(([name, type], i) => { if (name === "values") values = [type, buffers[i]]; else tables[name] = typed(type, buffers[i]); });
    if (values) {
      const data = typed(...values), b = values[1];
      if (!page.buffers.has(msg.buffer)) { page.buffers.set(msg.buffer, data); page.bytes += data.byteLength; }
      count("bytes", b.byteLength);
    }
    if (!msg.page && !page.buffers.has(msg.buffer)) { asked = ""; return want(); } // dropped while its picture was under way
    page.pictures.set(msg.key, Object.freeze({...msg, tables}));
    tell({type: "ack", key: msg.key});
    for (const s of surfaces.values()) if (keyOf(s, s.index) === msg.key) s.paint();
    want();
  }
  model.on("msg:custom", heard);
  const marks = marksOf(model, client, message => say(model, message), () => surfaces.forEach(s => s.paint()));
  const forget = () => { page.near.delete(client); clearTimeout(patience); marks.forget(); };
  return {client, surfaces, marks, want, forget, pictureOf: s => page.pictures.get(keyOf(s, s.index))};
}
