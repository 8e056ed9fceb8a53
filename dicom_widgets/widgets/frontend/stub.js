import { modelOf, slot } from "./runtime/register.js";

async function render({model, el, signal}) {
  const life = new AbortController();
  let end;
  const leave = () => { life.abort(); end?.(); end = null; };
  const ended = () => {
    if (!model.get("ended")) return;
    leave();
    el.textContent = "This session is closed.";
  };
  model.on("change:ended", ended);
  signal.addEventListener("abort", () => { model.off("change:ended", ended); life.abort(); });
  try {
    if (model.get("ended")) return ended();
    const runtime = await modelOf(model.widget_manager, model.get("runtime"));
    const {mount} = await slot(model.widget_manager, runtime.get("uid")).promise;
    end = await mount[model.get("part")]({model, el, signal: life.signal});
    ended();
    return leave;
  } catch (error) {
    el.textContent = `This view has lost its kernel (${error.message ?? error}). Run its cell again.`;
  }
}

export default {render};
