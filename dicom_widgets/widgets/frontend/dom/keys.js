// Plain keys are ours while a part of the widget has the focus: JupyterLab would delete cells at `d d`. Tab, and
// anything with Ctrl, Meta or Alt, goes on.
export const isPlain = e => e.key !== "Tab" && !e.ctrlKey && !e.metaKey && !e.altKey && !(e.shiftKey && e.key === "Enter");

export const keysText = own => own.map(k => (k === " " ? "Space" : k)).join(", ");
