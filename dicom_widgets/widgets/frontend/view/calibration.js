import { make } from "../dom/elements.js";
import { matchPitch } from "../runtime/screen_pitch.js";

const REFERENCES = [["A bank card, its long side", 85.6], ["10 cm of a ruler", 100], ["5 cm of a ruler", 50]]; // cards: ISO/IEC 7810 ID-1

export function calibration(s, view) {
  const close = () => view.calibrate(false), dpr = () => window.devicePixelRatio;
  const sheet = make("div", {
    parent: view.box, className: "dw-help dw-calibration", role: "dialog", "aria-label": "Calibrate the screen", tabIndex: -1, hidden: true,
  });
  const cross = make("button", {parent: sheet, type: "button", text: "✕", title: "Close [Esc]", "aria-label": "Close", on: {click: close}});
  const said = make("p", {parent: sheet});
  const what = make("select", {
    parent: sheet, "aria-label": "What the bar is compared with", on: {change: () => show()},
  }, ...REFERENCES.map(([text], i) => make("option", {value: i, text})));
  const bar = make("div", {parent: sheet, className: "dw-gauge"});
  const slider = make("input", { // to the right it grows
    parent: sheet, type: "range", min: 0.05, max: 0.6, step: 0.0005, "aria-label": "Length of the bar", on: {input: () => take(0.65 - slider.value)},
  });
  const row = make("p", {parent: sheet});
  const forget = make("button", {
    parent: row, type: "button", text: "Forget", title: "The screen is not calibrated then", on: {click: () => take(null)},
  });
  make("button", {parent: row, type: "button", text: "Done", on: {click: close}});
  const take = pitch => { // of a CSS pixel, or null
    matchPitch(pitch && pitch / dpr());
    for (const t of s.shared.surfaces.values()) { t.views.forEach(v => v.sized?.()); t.paint(); }
    show();
  };
  const how = () => {
    if (s.told) return `The notebook says it: dw.options.pixel_pitch = ${s.told}. Set it to None to match it here.`;
    const [name, length] = REFERENCES[what.value], thing = `${name[0].toLowerCase()}${name.slice(1)} (${length} mm)`;
    const now = s.pitch ? `This screen: ${s.pitch.toPrecision(4)} mm a pixel; this browser remembers it.` : "This screen is not calibrated yet.";
    return `Hold it against the screen, and move the slider until the bar is as long as ${thing}. ${now}`;
  };
  const show = () => {
    const pitch = (s.pitch ?? 25.4 / 96 / dpr()) * dpr();
    bar.style.width = `${REFERENCES[what.value][1] / pitch}px`;
    slider.value = 0.65 - pitch;
    slider.disabled = forget.disabled = !!s.told;
    said.textContent = how();
  };
  view.calibrate = (open = sheet.hidden) => { // returns whether that changed anything
    if (sheet.hidden === !open) return false;
    sheet.hidden = !open;
    if (open) show();
    (open ? (s.told ? cross : slider) : view.box).focus({preventScroll: true});
    return true;
  };
}
