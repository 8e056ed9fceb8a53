// The clipboard. Without a secure origin there is none but that of the edit commands.
import { make } from "./elements.js";

/**
 * Copies a text, and returns whether the browser allowed it.
 * @param {string} text
 * @param {Element} root where a field may stand for a moment
 */
export async function toClipboard(text, root) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    /* the older way */
  }
  const focus = /** @type {HTMLElement | null} */ (document.activeElement);
  const area = make("textarea", { parent: root, className: "dw-live", value: text });
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focus?.focus({ preventScroll: true });
  return done;
}
