const pitchKey = () => `dicom_widgets.pitch.${screen.width}x${screen.height}`;

const matched = new Map(); // where the browser keeps nothing, it holds as long as the page

export function matchedPitch() {
  const key = pitchKey();
  try { return +localStorage.getItem(key) || matched.get(key) || null; } catch { return matched.get(key) ?? null; }
}

export function matchPitch(pitch) { // null forgets it
  const key = pitchKey();
  matched.set(key, pitch);
  try { if (pitch) localStorage.setItem(key, pitch); else localStorage.removeItem(key); } catch { /* the browser keeps nothing */ }
}
