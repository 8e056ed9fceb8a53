// The notebook's own drawing: the view of an ipycanvas canvas over the picture. Without ipycanvas' script there is
// none, and the picture is there all the same.
import { say } from "../runtime/page.js";
import { modelOf } from "../runtime/register.js";

/**
 * Keeps the drawing over a view; returns what ends that.
 * @param {Model} model
 * @param {View} view
 * @param {Shared} shared
 */
export function drawingOver(model, view, shared) {
  /** @type {string | null} */
  let ref = null;
  /** @type {{el: HTMLElement, remove(): void} | null} */
  let own = null;
  const detach = () => {
    own?.remove();
    own = null;
  };
  const attach = async () => {
    const wanted = model.get("overlay");
    if (wanted === ref) return;
    ref = wanted;
    detach();
    if (!wanted) return;
    try {
      const drawing = await modelOf(model.widget_manager, wanted);
      if (!(drawing.canvas instanceof HTMLCanvasElement)) return; // its script is missing
      const made = await model.widget_manager.create_view(drawing);
      if (ref !== wanted) return made.remove();
      own = made;
      made.el.classList.add("dw-drawing");
      made.el.removeAttribute("tabindex");
      view.graphics.after(made.el);
      say(model, { type: "drawing", client: shared.client });
    } catch {
      /* closed meanwhile */
    }
  };
  model.on("change:overlay", attach);
  attach();
  return () => {
    model.off("change:overlay", attach);
    ref = null;
    detach();
  };
}
