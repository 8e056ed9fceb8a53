// A visible widget: waits for its session's runtime and lets it do the rest. Nothing is awaited in `initialize`:
// anywidget gives a model up after two seconds, and then every message to it is lost.
import { modelOf, slot } from "./runtime/register.js";

/** @param {Mounting} given */
async function render({ model, el, signal }) {
  const life = new AbortController();
  /** @type {(() => void) | null} */
  let end = null;
  const leave = () => {
    life.abort();
    end?.();
    end = null;
  };
  const ended = () => {
    if (!model.get("ended")) return;
    leave();
    el.textContent = "This session is closed.";
  };
  model.on("change:ended", ended);
  signal.addEventListener("abort", () => {
    model.off("change:ended", ended);
    life.abort();
  });
  try {
    if (model.get("ended")) return ended();
    const runtime = await modelOf(model.widget_manager, model.get("runtime"));
    const { mount } = await slot(model.widget_manager, runtime.get("uid")).promise;
    end = await mount[model.get("part")]({ model, el, signal: life.signal });
    ended();
    return leave;
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    el.textContent = `This view has lost its kernel (${why}). Run its cell again.`;
  }
}

export default { render };
