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

async function modelOf(manager, ref) {
  const id = ref.replace(/^IPY_MODEL_/, "");
  for (let i = 0; !manager.has_model(id) && i < 100; i++) await new Promise(r => setTimeout(r, 50)); // a reload may render early
  return manager.get_model(id);
}
