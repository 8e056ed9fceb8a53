// How a screen is calibrated by hand: a bar is made as long as something whose length is known.
import { make } from "../dom/elements.js";
import { matchPitch } from "../runtime/screen_pitch.js";

/**
 * What the bar is compared with, and its length in mm; cards: ISO/IEC 7810 ID-1.
 * @type {[words: string, mm: number][]}
 */
const REFERENCES = [
  ["A bank card, its long side", 85.6],
  ["10 cm of a ruler", 100],
  ["5 cm of a ruler", 50],
];

/** @type {(s: Surface, view: View) => void} */
export function calibration(s, view) {
  const parts = elements(view.box);
  const { sheet, cross, words, reference, bar, slider, forget, done } = parts;
  const dpr = () => window.devicePixelRatio;
  const show = () => {
    const pitch = (s.pitch ?? 25.4 / 96 / dpr()) * dpr();
    bar.style.width = `${REFERENCES[+reference.value][1] / pitch}px`;
    slider.value = String(0.65 - pitch);
    slider.disabled = forget.disabled = !!s.told;
    words.textContent = sentence(s, REFERENCES[+reference.value]);
  };
  const take = (/** @type {number | null} */ pitch) => {
    matchPitch(pitch && pitch / dpr());
    for (const t of s.shared.surfaces.values()) {
      t.views.forEach((v) => v.sized());
      t.paint();
    }
    show();
  };
  reference.addEventListener("change", show);
  slider.addEventListener("input", () => take(0.65 - +slider.value));
  forget.addEventListener("click", () => take(null));
  for (const button of [cross, done]) button.addEventListener("click", () => view.calibrate(false));
  view.calibrate = (open = sheet.hidden) => {
    if (sheet.hidden === !open) return false;
    sheet.hidden = !open;
    if (open) show();
    (open ? (s.told ? cross : slider) : view.box).focus({ preventScroll: true });
    return true;
  };
}

/** @param {Element} parent */
function elements(parent) {
  const sheet = make("div", {
    parent,
    className: "dw-help dw-calibration",
    role: "dialog",
    "aria-label": "Calibrate the screen",
    tabIndex: -1,
    hidden: true,
  });
  const button = (/** @type {Element} */ inside, /** @type {object} */ options) =>
    make("button", { parent: inside, type: "button", ...options });
  const cross = button(sheet, { text: "✕", title: "Close [Esc]", "aria-label": "Close" });
  const words = make("p", { parent: sheet });
  const options = REFERENCES.map(([text], i) => make("option", { value: i, text }));
  const reference = make("select", { parent: sheet, "aria-label": "What the bar is compared with" }, ...options);
  const bar = make("div", { parent: sheet, className: "dw-gauge" });
  const range = { type: "range", min: 0.05, max: 0.6, step: 0.0005 }; // to the right it grows
  const slider = make("input", { parent: sheet, ...range, "aria-label": "Length of the bar" });
  const row = make("p", { parent: sheet });
  const forget = button(row, { text: "Forget", title: "The screen is not calibrated then" });
  const done = button(row, { text: "Done" });
  return { sheet, cross, words, reference, bar, slider, forget, done };
}

/** @type {(s: Surface, reference: [words: string, mm: number]) => string} */
function sentence(s, [name, length]) {
  if (s.told) return `The notebook says it: dw.options.pixel_pitch = ${s.told}. Set it to None to match it here.`;
  const thing = `${name[0].toLowerCase()}${name.slice(1)} (${length} mm)`;
  const now = s.pitch
    ? `This screen: ${s.pitch.toPrecision(4)} mm a pixel; this browser remembers it.`
    : "This screen is not calibrated yet.";
  return `Hold it against the screen, and move the slider until the bar is as long as ${thing}. ${now}`;
}
