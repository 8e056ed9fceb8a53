// The list of window presets.
import { isSame } from "../../core/window.js";
import { make } from "../../dom/elements.js";

/**
 * Makes the list; returns what brings it up to date with a picture.
 * @type {(s: Surface, view: View) => (picture: Picture) => void}
 */
export function windowPresets(s, view) {
  const list = make("select", {
    parent: view.controls,
    title: "Window presets [1-9]",
    "aria-label": "Window preset",
    hidden: true, // until there is something in it; then it stays
    on: { change: (e) => s.looking({ window: e.target.value === "" ? null : view.windows?.[+e.target.value] }) },
  });
  return (picture) => {
    // A preset that the file has too stands there once; those of a slice may be called as those of the one before.
    const all = picture.page ? [] : picture.windows;
    const windows = all.filter((w, i) => all.findIndex((v) => isSame(v, w)) === i);
    const names = JSON.stringify(windows);
    if (list.dataset.names !== names) {
      view.windows = windows;
      list.dataset.names = names;
      const options = windows.map((w, i) => make("option", { value: i, text: words(w) }));
      list.replaceChildren(make("option", { value: "", text: "Window …" }), ...options);
    }
    const now = s.windowOf(picture);
    const same = windows.findIndex((w) => now && isSame(w, now));
    list.value = same < 0 ? "" : String(same);
    list.disabled = !windows.length;
    list.hidden &&= !windows.length;
  };
}

/** @type {(window: VoiWindow | VoiLut) => string} */
function words(window) {
  if (window.lut) return `${window.explanation} (LUT)`;
  const { explanation, width, center } = /** @type {VoiWindow} */ (window);
  return `${explanation} (${+width.toPrecision(6)}/${+center.toPrecision(6)})`;
}
