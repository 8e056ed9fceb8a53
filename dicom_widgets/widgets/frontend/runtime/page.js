import { slot } from "./register.js";

export const page = (slot({}, ""), globalThis[Symbol.for("dicom_widgets@1")]);

export const count = (name, n = 1) => { page.stats[name] = (page.stats[name] ?? 0) + n; };

export const say = (model, message) => { // false when the kernel is gone
  try { model.send(message); return true; } catch { return false; }
};
