export function slot(manager, uid) {
  const registry = globalThis[Symbol.for("dicom_widgets@1")] ??= {
    slots: new WeakMap(), buffers: new Map(), pictures: new Map(), bytes: 0, near: new Map(), stats: {},
  };
  if (!registry.slots.has(manager)) registry.slots.set(manager, new Map());
  const slots = registry.slots.get(manager);
  if (!slots.has(uid)) {
    const s = {};
    s.promise = new Promise(resolve => { s.resolve = resolve; });
    slots.set(uid, s);
  }
  return slots.get(uid);
}

export async function modelOf(manager, ref) {
  const id = ref.replace(/^IPY_MODEL_/, "");
  for (let i = 0; !manager.has_model(id) && i < 100; i++) await new Promise(r => setTimeout(r, 50)); // a reload may render early
  return manager.get_model(id);
}
