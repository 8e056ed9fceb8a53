import { axesOf, toScreen } from "../../core/geometry/axes.js";
import { isImage } from "../../core/picture.js";
import { probeText } from "../../core/values/probe.js";
import { gripAt } from "./grips.js";
import { TOOLS } from "./tools.js";
import { drawTo } from "../state/measurements.js";

export function probing(s, view) {
  let at = null;
  view.reread = () => { // also of another picture under a hand at rest
    view.said.textContent = isImage(view.picture) && s.texts !== "off" ? probeText(view.picture, at) : "";
  };
  view.point = () => { view.box.style.cursor = view.over ? "grab" : TOOLS[s.tool].cursor ?? ""; };
  view.hover = image => {
    at = image;
    view.reread();
    const {picture, canvas} = view, dpr = window.devicePixelRatio;
    if (s.draft && image && isImage(picture) && !s.hand) drawTo(s, picture, image, s.draft.placed);
    const axes = isImage(picture) && image ? axesOf(picture, s, canvas.width, canvas.height) : null;
    const grip = axes ? gripAt(s, view, picture, axes, toScreen(picture, axes)(image), dpr) : null;
    const over = grip?.mark?.uid ?? grip?.cut.cut;
    if (over === view.over) return;
    view.over = over;
    view.point();
    s.paint();
  };
}
