// True size: a millimetre of the image is one of the screen. The twin of display/truesize.py; and how a screen is calibrated
// by hand, which the browser remembers for screens of this size. A pitch is in millimetres for each device pixel.
const TRUE = "true size", PROPORTION = 0.01;
const REFERENCES = [["A bank card, its long side", 85.6], ["10 cm of a ruler", 100], ["5 cm of a ruler", 50]]; // cards: ISO/IEC 7810 ID-1
const pitchKey = () => `dicom_widgets.pitch.${screen.width}x${screen.height}`;
const matched = new Map(); // where the browser keeps nothing, it holds as long as the page
function matchedPitch() {
  const key = pitchKey();
  try { return +localStorage.getItem(key) || matched.get(key) || null; } catch { return matched.get(key) ?? null; }
}
function matchPitch(pitch) { // null forgets it
  const key = pitchKey();
  matched.set(key, pitch);
  try { if (pitch) localStorage.setItem(key, pitch); else localStorage.removeItem(key); } catch { /* the browser keeps nothing */ }
}

function trueSize({home, spacing, aspect}, pitch) {
  let across = home?.millimetres ?? null;
  if (across === null) {
    if (spacing.unit !== "mm") return {zoom: null, why: `No true size: what a pixel measures is not known (${spacing.source})`};
    if (Math.abs(aspect * spacing.across / spacing.down - 1) > PROPORTION) return {zoom: null, why: "No true size: its pixels are shown in another proportion than they measure"};
    across = spacing.across;
  }
  if (!pitch) return {zoom: null, why: "Not true size: the screen is not calibrated [C]"};
  return {zoom: across / pitch, why: ""};
}
const isTrue = (view, picture) => view.zoom === TRUE || (view.zoom === null && !!picture.home?.millimetres); // whether it is meant to be

function trueText(s, picture) { // what is said of it
  if (!isTrue(s, picture)) return "";
  const {zoom, why} = trueSize(picture, s.pitch), {label} = picture.spacing;
  return zoom === null ? why : picture.home?.millimetres || !label ? "True size" : `True size (${label})`;
}

function toTrueSize(s, view) { // the command: there, and back to "fit"
  const {picture} = view, found = isImage(picture) ? trueSize(picture, s.pitch) : null;
  if (!found) return;
  if (s.zoom === TRUE) return s.fit();
  if (found.zoom === null && !trueSize(picture, 1).zoom) { // nothing that the user could calibrate
    s.note = found.why;
    return s.paint();
  }
  s.act({zoom: TRUE, pan: [0, 0]});
  if (found.zoom === null) view.calibrate(true);
}

function calibration(s, view) { // a sheet with a bar that is made as long as something whose length is known
  const sheet = make("div", {parent: view.box, className: "dw-help dw-calibration", role: "dialog", "aria-label": "Calibrate the screen", tabIndex: -1, hidden: true});
  const close = make("button", {parent: sheet, type: "button", text: "✕", title: "Close [Esc]", "aria-label": "Close", on: {click: () => view.calibrate(false)}});
  const said = make("p", {parent: sheet});
  const what = make("select", {parent: sheet, "aria-label": "What the bar is compared with", on: {change: () => show()}}, ...REFERENCES.map(([text], i) => make("option", {value: i, text})));
  const bar = make("div", {parent: sheet, className: "dw-gauge"});
  const slider = make("input", {parent: sheet, type: "range", min: 0.05, max: 0.6, step: 0.0005, "aria-label": "Length of the bar", on: {input: () => take(0.65 - slider.value)}}); // to the right it grows
  const row = make("p", {parent: sheet});
  const forget = make("button", {parent: row, type: "button", text: "Forget", title: "The screen is not calibrated then", on: {click: () => take(null)}});
  make("button", {parent: row, type: "button", text: "Done", on: {click: () => view.calibrate(false)}});
  const take = pitch => { // of a CSS pixel, or null
    matchPitch(pitch && pitch / window.devicePixelRatio);
    for (const t of s.shared.surfaces.values()) { t.views.forEach(v => v.sized?.()); t.paint(); }
    show();
  };
  const show = () => {
    const pitch = (s.pitch ?? 25.4 / 96 / window.devicePixelRatio) * window.devicePixelRatio, [name, length] = REFERENCES[what.value];
    bar.style.width = `${length / pitch}px`;
    slider.value = 0.65 - pitch;
    slider.disabled = forget.disabled = !!s.told;
    said.textContent = s.told ? `The notebook says it: dw.options.pixel_pitch = ${s.told}. Set it to None to match it here.`
      : `Hold it against the screen, and move the slider until the bar is as long as ${name[0].toLowerCase()}${name.slice(1)} (${length} mm). ${s.pitch ? `This screen: ${s.pitch.toPrecision(4)} mm a pixel; this browser remembers it.` : "This screen is not calibrated yet."}`;
  };
  view.calibrate = (open = sheet.hidden) => { // returns whether that changed anything
    if (sheet.hidden === !open) return false;
    sheet.hidden = !open;
    if (open) show();
    (open ? (s.told ? close : slider) : view.box).focus({preventScroll: true});
    return true;
  };
}
