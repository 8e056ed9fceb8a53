import { say } from "../../runtime/page.js";

export function below(s, type) { // what appears below the viewer, or goes away again
  s.shared.awaited = type;
  say(s.model, {type});
}

export function reveal(shared, type, root) { // what was asked for here may lie below the window; what a notebook shows by itself stays where it is
  if (shared.awaited === type) requestAnimationFrame(() => root.scrollIntoView({block: "nearest"}));
  shared.awaited = null;
}
