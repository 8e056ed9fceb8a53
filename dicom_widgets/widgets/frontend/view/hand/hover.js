// What lies under the pointer, said without a button.
import { toScreen } from "../../core/geometry/axes.js";
import { isImage } from "../../core/picture.js";
import { probeText } from "../../core/values/probe.js";
import { page } from "../../runtime/page.js";
import { drawTo } from "../state/measurements.js";
import { axesIn } from "../state/zooming.js";
import { gripAt } from "./grips.js";
import { TOOLS } from "./tools.js";

/** Gives a view what follows the pointer. @type {(s: Surface, view: View) => void} */
export function hovering(s, view) {
  /** Where the pointer is, in image coordinates. @type {Point | null} */
  let at = null;
  view.reread = () => {
    const { picture } = view; // perhaps another one, under a hand at rest
    const shown = isImage(picture) && s.texts !== "off";
    view.said.textContent = shown ? probeText(picture, at, page.buffers.get(picture.buffer)) : "";
  };
  view.point = () => {
    view.box.style.cursor = view.over ? "grab" : (TOOLS[s.tool]?.cursor ?? "");
  };
  view.hover = (image) => {
    at = image;
    view.reread();
    const { picture } = view;
    if (s.draft && image && isImage(picture) && !s.hand) drawTo(s, picture, image, s.draft.placed);
    const grip = image && isImage(picture) ? gripUnder(s, view, picture, image) : null;
    const over = grip?.mark?.uid ?? grip?.cut?.cut;
    if (over === view.over) return;
    view.over = over;
    view.point();
    s.paint();
  };
}

/** @type {(s: Surface, view: View, picture: Picture, image: Point) => Grip | null} */
function gripUnder(s, view, picture, image) {
  const screen = toScreen(picture, axesIn(s, view, picture))(image);
  return gripAt(s, view, picture, screen, window.devicePixelRatio);
}
