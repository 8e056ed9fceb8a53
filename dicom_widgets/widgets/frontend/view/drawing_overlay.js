import { say } from "../runtime/page.js";
import { modelOf } from "../runtime/register.js";

export function drawingOver(model, view, shared) {
  let ref = null, own = null;
  const detach = () => { own?.remove(); own = null; };
  const attach = async () => {
    const wanted = model.get("overlay");
    if (wanted === ref) return;
    ref = wanted;
    detach();
    if (!wanted) return;
    try {
      const canvas = await modelOf(model.widget_manager, wanted);
      if (!(canvas.canvas instanceof HTMLCanvasElement)) return; // its script is missing
      const made = await model.widget_manager.create_view(canvas);
      if (ref !== wanted) return made.remove();
      own = made;
      own.el.classList.add("dw-drawing");
      own.el.removeAttribute("tabindex");
      view.graphics.after(own.el);
      say(model, {type: "drawing", client: shared.client});
    } catch { /* closed meanwhile */ }
  };
  model.on("change:overlay", attach);
  attach();
  return () => { model.off("change:overlay", attach); ref = null; detach(); };
}
