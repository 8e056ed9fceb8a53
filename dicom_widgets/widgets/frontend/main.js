import { browserPart } from "./panels/browser/browser.js";
import { doctorPart } from "./panels/doctor.js";
import { pickerPart } from "./panels/files/picker.js";
import { seriesPart } from "./panels/series.js";
import { tagsPart } from "./panels/tags/tags.js";
import { cellsPart } from "./panels/viewer/cells.js";
import { mprPart } from "./panels/viewer/mpr.js";
import { pool } from "./runtime/frame_pool.js";
import { page } from "./runtime/page.js";
import { slot } from "./runtime/register.js";
import { viewportPart } from "./view/viewport.js";

function initialize({model, signal}) {
  const uid = model.get("uid"), shared = pool(model);
  const mount = {
    viewport: viewportPart(shared), cells: cellsPart(shared), mpr: mprPart(shared), browser: browserPart(shared),
    series: seriesPart(shared), doctor: doctorPart(shared), tags: tagsPart(shared), picker: pickerPart(shared),
  };
  slot(model.widget_manager, uid).resolve({mount});
  signal?.addEventListener("abort", () => { shared.forget(); page.slots.get(model.widget_manager)?.delete(uid); });
}

export default {initialize};
