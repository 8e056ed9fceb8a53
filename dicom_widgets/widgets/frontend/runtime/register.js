// The register of the page, by which the widgets of a document find their runtime, and what all runtimes share.

/**
 * @typedef {object} Slot
 * @property {Promise<{mount: Record<string, Mount>}>} promise
 * @property {(runtime: {mount: Record<string, Mount>}) => void} resolve
 *
 * @typedef {object} Page
 * @property {WeakMap<object, Map<string, Slot>>} slots document -> uid of a runtime -> its slot
 * @property {Map<string, Values>} buffers stored values by name, in the order of their last use
 * @property {Map<string, Picture>} pictures
 * @property {number} bytes of all buffers
 * @property {Map<string, Set<string>>} near client -> buffers close to what its views show
 * @property {Record<string, number>} stats
 */
const NAME = Symbol.for("dicom_widgets@1");

/** What one page of the browser holds, whichever copy of this script made it. */
export const pageRegister = () => {
  const globals = /** @type {Record<symbol, Page>} */ (/** @type {unknown} */ (globalThis));
  return (globals[NAME] ??= {
    slots: new WeakMap(),
    buffers: new Map(),
    pictures: new Map(),
    bytes: 0,
    near: new Map(),
    stats: {},
  });
};

/**
 * Returns the slot of a runtime: whoever comes first makes it.
 * @param {object} manager of the document's widgets
 * @param {string} uid
 * @returns {Slot}
 */
export function slot(manager, uid) {
  const { slots } = pageRegister();
  const own = slots.get(manager) ?? new Map();
  slots.set(manager, own);
  if (!own.has(uid)) {
    const made = /** @type {any} */ ({});
    made.promise = new Promise((resolve) => {
      made.resolve = resolve;
    });
    own.set(uid, made);
  }
  return own.get(uid);
}

/**
 * Returns a model by its reference; a page that is loaded anew may render before the model is there.
 * @param {WidgetManager} manager
 * @param {string} ref
 */
export async function modelOf(manager, ref) {
  const id = ref.replace(/^IPY_MODEL_/, "");
  for (let i = 0; !manager.has_model(id) && i < 100; i++) await new Promise((resolve) => setTimeout(resolve, 50));
  return manager.get_model(id);
}
