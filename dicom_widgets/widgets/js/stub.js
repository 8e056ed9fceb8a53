// A visible widget: waits for its session's runtime and lets it do the rest. Nothing is awaited in `initialize`:
// anywidget gives a model up after two seconds, and then every message to it is lost.
async function render({model, el, signal}) {
  try {
    const runtime = await modelOf(model.widget_manager, model.get("runtime"));
    const {mount} = await slot(model.widget_manager, runtime.get("uid")).promise;
    return mount[model.get("part")]({model, el, signal});
  } catch (error) {
    el.textContent = `This view has lost its kernel (${error.message ?? error}). Run its cell again.`;
  }
}
export default {render};
