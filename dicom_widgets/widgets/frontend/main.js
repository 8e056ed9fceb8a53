// The runtime of a session: one for each document that knows it. Synchronous: anywidget waits two seconds at most.
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
