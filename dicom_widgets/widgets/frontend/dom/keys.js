// Keys. Plain ones are ours while a part of the widget has the focus, as JupyterLab would delete cells at `d d`. Tab,
// and anything with Ctrl, Meta or Alt, goes on to the notebook.

/** @type {(e: KeyboardEvent) => boolean} */
export const isPlain = (e) =>
  e.key !== "Tab" && !e.ctrlKey && !e.metaKey && !e.altKey && !(e.shiftKey && e.key === "Enter");

/** @type {(keys: string[]) => string} How keys are called in hints and in the help. */
export const keysText = (keys) => keys.map((k) => (k === " " ? "Space" : k)).join(", ");

/** Keeps plain keys from the notebook. @type {(e: KeyboardEvent) => void} */
export const keepPlain = (e) => {
  if (isPlain(e)) e.stopPropagation();
};

/** The same, but Escape goes on: it leaves a menu of a toolbar. @type {(e: KeyboardEvent) => void} */
export const keepPlainButEscape = (e) => {
  if (isPlain(e) && e.key !== "Escape") e.stopPropagation();
};
