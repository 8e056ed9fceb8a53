// What appears below a viewer when a button of it is pressed.
import { say } from "../../runtime/page.js";

/** Asks for what appears below the viewer, or goes away again. @type {(s: Surface, type: string) => void} */
export function below(s, type) {
  s.shared.awaited = type;
  say(s.model, { type });
}

/**
 * Brings into view what was asked for here, as it may lie below the window. What a notebook shows by itself stays.
 * @type {(shared: Shared, type: string, root: Element) => void}
 */
export function reveal(shared, type, root) {
  if (shared.awaited === type) requestAnimationFrame(() => root.scrollIntoView({ block: "nearest" }));
  shared.awaited = null;
}
