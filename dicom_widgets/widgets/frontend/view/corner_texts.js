// The texts over an image: its corners, the letters at its edges, the scale, and what must always be said.
import { axesOf } from "../core/geometry/axes.js";
import { lettersOf } from "../core/geometry/orientation.js";
import { wayOf } from "../core/resampling/resample.js";
import { scaleOf } from "../core/scale_bar.js";
import { trueText } from "../core/true_size.js";
import { windowText } from "../core/window.js";
import { make, write } from "../dom/elements.js";
import { cineText } from "./state/cine.js";
import { linkText } from "./state/links.js";
import { axesIn } from "./state/zooming.js";

const NOT_DIAGNOSTIC = "Not for diagnostic use";

/** Writes lines below each other. @type {(parent: Element, lines: string[]) => void} */
function list(parent, lines) {
  while (parent.children.length > lines.length) parent.lastChild?.remove();
  lines.forEach((text, i) => (parent.children[i] ? write(parent.children[i], text) : make("div", { parent, text })));
}

/**
 * Writes what is said of a picture.
 * @param {View} view
 * @param {Surface} s
 * @param {Picture} picture
 * @param {number} index
 */
export function writeTexts(view, s, picture, index) {
  const { box, note, canvas } = view;
  note.hidden = !s.note;
  write(note, s.note);
  box.dataset.texts = s.texts;
  box.dataset.tiled = String(s.tiled);
  for (const [corner, element] of Object.entries(view.corners)) {
    const lines = element.querySelector(".dw-lines");
    if (lines) list(lines, cornerLines(corner, view, s, picture, index));
  }
  const dpr = window.devicePixelRatio;
  const bar = picture.page
    ? null
    : scaleOf(picture, axesOf(picture, s, canvas.width, canvas.height), dpr, canvas.width);
  view.scale.hidden = !bar || s.texts === "off";
  if (bar) {
    view.scale.style.width = `${bar.width}px`;
    write(view.scale, bar.text);
  }
  const letters = picture.page || s.texts === "off" ? ["", "", "", ""] : lettersOf(picture, s);
  view.letters.forEach((element, i) => write(element, letters[i]));
  const label = `${picture.label}, image ${index + 1} of ${s.sizes.length}`;
  if (box.getAttribute("aria-label") !== label) box.setAttribute("aria-label", label);
}

/** @type {(corner: string, view: View, s: Surface, picture: Picture, index: number) => string[]} */
function cornerLines(corner, view, s, picture, index) {
  const lines = s.texts === "all" || corner === "br" ? [...(picture.texts[corner] ?? [])] : [];
  if (corner === "bl" && s.texts !== "off" && s.sizes.length) {
    const number = `${s.tiled ? "Sheet" : "Image"} ${index + 1}/${s.sizes.length}`;
    lines.push(...[s.labels[index], number, linkText(s)].filter(Boolean));
  }
  if (corner === "br") {
    const missing = s.missing.filter((m) => m.from <= index && index < m.to).map((m) => m.words);
    lines.push(...missing, ...status(s, picture, view)); // what must be said
  }
  return lines;
}

/**
 * Bottom right: what the hand changes, and what must always be said.
 * @type {(s: Surface, picture: Picture, view: View) => string[]}
 */
function status(s, picture, view) {
  if (picture.page) return [];
  const lines = picture.preview ? ["Preview: the whole frame is on its way"] : [];
  if (s.texts === "off") return [...lines, NOT_DIAGNOSTIC];
  const played = cineText(s);
  if (played) lines.push(played);
  const real = trueText(s, picture);
  if (real) lines.push(real);
  const roomy = view.canvas.width >= 300 * window.devicePixelRatio;
  const { label, description } = picture.state;
  if (label) lines.push(`${label}${isChanged(s, picture) ? " (modified)" : ""}`);
  if (description && roomy) lines.push(description);
  lines.push(...windowLines(s, picture));
  const axes = axesIn(s, view, picture);
  const way = picture.smooth ? wayOf(s, axes) : "nearest";
  const words = { area: " (reduced)", linear: " (linear)", nearest: "" }[way];
  if (roomy) lines.push(`Zoom ${Math.round(axes.zoom * 100)} %${words}${s.look.invert ? " · inverted" : ""}`);
  const { fidelity } = picture;
  const exact = fidelity === "exact";
  // "Lossy 8:1" of the corner says it already.
  const isSaid = !exact && picture.texts.br?.some((line) => fidelity.startsWith(line.toLowerCase().split(" ")[0]));
  if (!isSaid) lines.push(exact && (axes.zoom < 1 || way !== "nearest") ? "resampled" : fidelity);
  return [...lines, NOT_DIAGNOSTIC];
}

/** Whether the hand changed what a presentation state shows. @type {(s: Surface, picture: Picture) => boolean} */
function isChanged(s, picture) {
  const { invert, turns, flip, hidden } = s.look;
  const moved = s.zoom !== null || s.pan.some(Boolean);
  return !!(s.windowOf(picture) || invert || turns || flip || moved || hidden.some((name) => name in picture.switches));
}

/** @type {(s: Surface, picture: Picture) => string[]} */
function windowLines(s, picture) {
  const own = s.windowOf(picture);
  const shown = own ?? picture.voi;
  const lines = [];
  if (shown?.width) lines.push(windowText(/** @type {VoiWindow} */ (shown), picture));
  else if (shown) lines.push(`VOI LUT ${shown.explanation}`.trim());
  if (!own && picture.voi?.explanation === "auto") lines.push("Automatic window");
  return lines;
}
