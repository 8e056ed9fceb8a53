// The register of the page: the widgets of a document find their runtime by its uid.
function slot(manager, uid) {
  const page = globalThis[Symbol.for("dicom_widgets@1")] ??= {
    slots: new WeakMap(), buffers: new Map(), pictures: new Map(), bytes: 0, near: new Map(), stats: {},
  };
  if (!page.slots.has(manager)) page.slots.set(manager, new Map());
  const slots = page.slots.get(manager);
  if (!slots.has(uid)) {
    const s = {};
    s.promise = new Promise(resolve => { s.resolve = resolve; });
    slots.set(uid, s);
  }
  return slots.get(uid);
}
