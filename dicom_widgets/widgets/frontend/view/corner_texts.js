import { axesOf } from "../core/geometry/axes.js";
import { wayOf } from "../core/resampling/resample.js";
import { trueText } from "../core/true_size.js";
import { windowText } from "../core/window.js";
import { cineText } from "./state/cine.js";

export function scaleOf({spacing}, {x, turns}, dpr, width) { // a bar of a round length, where a length is known (requirement TX5)
  if (spacing.unit !== "mm") return null;
  const pixel = x.scale / dpr / (turns % 2 ? spacing.down : spacing.across); // CSS pixels for each millimetre
  const most = Math.min(120, width / dpr / 4), step = 10 ** Math.floor(Math.log10(most / pixel)), length = step * [5, 2, 1].find(n => n * step * pixel <= most);
  const text = length >= 10 ? `${+(length / 10).toPrecision(3)} cm` : `${+length.toPrecision(3)} mm`;
  return {width: Math.round(length * pixel), text: spacing.label ? `${text} (${spacing.label})` : text};
}

const NOT_DIAGNOSTIC = "Not for diagnostic use";

export function status(s, picture, view) { // bottom right: what the hand changes, and what must always be said
  if (picture.page) return [];
  const lines = picture.preview ? ["Preview: the whole frame is on its way"] : [];
  if (s.texts === "off") return [...lines, NOT_DIAGNOSTIC];
  const own = s.windowOf(picture), shown = own ?? picture.voi, played = cineText(s);
  if (played) lines.push(played);
  const real = trueText(s, picture);
  if (real) lines.push(real);
  const changed = own || s.look.invert || s.look.turns || s.look.flip || s.look.hidden.some(name => name in picture.switches) || s.zoom !== null || s.pan.some(Boolean);
  if (picture.state.label) lines.push(`${picture.state.label}${changed ? " (modified)" : ""}`);
  const roomy = view.canvas.width >= 300 * window.devicePixelRatio;
  if (picture.state.description && roomy) lines.push(picture.state.description);
  if (shown) lines.push(shown.width ? windowText(shown, picture) : `VOI LUT ${shown.explanation}`.trim());
  if (!own && picture.voi?.explanation === "auto") lines.push("Automatic window");
  const axes = axesOf(picture, s, view.canvas.width, view.canvas.height), way = picture.smooth ? wayOf(s, axes) : "nearest";
  if (roomy) lines.push(`Zoom ${Math.round(axes.zoom * 100)} %${{area: " (reduced)", linear: " (linear)"}[way] ?? ""}${s.look.invert ? " · inverted" : ""}`);
  const said = picture.fidelity !== "exact" && picture.texts.br?.some(line => picture.fidelity.startsWith(line.toLowerCase().split(" ")[0])); // "Lossy 8:1"
  if (!said) lines.push(picture.fidelity === "exact" && (axes.zoom < 1 || way !== "nearest") ? "resampled" : picture.fidelity);
  lines.push(NOT_DIAGNOSTIC);
  return lines;
}
