// The runtime of a session in a document.
import { browserPart } from "./panels/browser/browser.js";
import { doctorPart } from "./panels/doctor.js";
import { pickerPart } from "./panels/files/picker.js";
import { seriesPart } from "./panels/series.js";
import { tagsPart } from "./panels/tags/tags.js";
import { cellsPart } from "./panels/viewer/cells.js";
import { mprPart } from "./panels/viewer/mpr.js";
import { styled } from "./dom/elements.js";
import { Shared } from "./runtime/frame_pool.js";
import { page } from "./runtime/page.js";
import { slot } from "./runtime/register.js";
import { followExtensions } from "./view/extensions.js";
import { viewportPart } from "./view/viewport.js";

/**
 * What a visible widget may be, by the name that the kernel gives it.
 * @type {Record<string, (shared: Shared) => Mount>}
 */
const PARTS = {
  viewport: viewportPart,
  cells: cellsPart,
  mpr: mprPart,
  browser: browserPart,
  series: seriesPart,
  doctor: doctorPart,
  tags: tagsPart,
  picker: pickerPart,
};

/** @type {(mount: Mount) => Mount} */
const withStyle = (mount) => (mounting) => {
  styled();
  return mount(mounting);
};

/**
 * Makes the runtime. Nothing is awaited: anywidget waits two seconds at most.
 * @param {{model: Model, signal?: AbortSignal}} given
 */
function initialize({ model, signal }) {
  const uid = model.get("uid");
  const shared = new Shared(model);
  followExtensions(shared);
  const mount = Object.fromEntries(Object.entries(PARTS).map(([name, part]) => [name, withStyle(part(shared))]));
  slot(model.widget_manager, uid).resolve({ mount });
  signal?.addEventListener("abort", () => {
    shared.forget();
    page.slots.get(model.widget_manager)?.delete(uid);
  });
}

export default { initialize };
