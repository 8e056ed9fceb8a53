// The pitch of the screen in millimetres for each device pixel, as the user matched it by hand. The browser remembers
// it for screens of this size.

const key = () => `dicom_widgets.pitch.${screen.width}x${screen.height}`;

/** Where the browser keeps nothing, it holds as long as the page. @type {Map<string, number | null>} */
const kept = new Map();

/** @returns {number | null} */
export function matchedPitch() {
  try {
    return +(localStorage.getItem(key()) ?? 0) || kept.get(key()) || null;
  } catch {
    return kept.get(key()) ?? null;
  }
}

/** @param {number | null} pitch null forgets it */
export function matchPitch(pitch) {
  kept.set(key(), pitch);
  try {
    if (pitch) localStorage.setItem(key(), String(pitch));
    else localStorage.removeItem(key());
  } catch {
    /* the browser keeps nothing */
  }
}
