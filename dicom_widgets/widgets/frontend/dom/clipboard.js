import { make } from "./elements.js";

export async function toClipboard(text, root) { // without a secure origin there is no clipboard but that of the edit commands
  try { await navigator.clipboard.writeText(text); return true; } catch { /* the older way */ }
  const focus = document.activeElement, area = make("textarea", {parent: root, className: "dw-live", value: text});
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focus?.focus({preventScroll: true});
  return done;
}
