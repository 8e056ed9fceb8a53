import { say } from "../../runtime/page.js";

export function subtract(s, wish) { // wish: {on}, or {given: [mask frames, offset, contrast frames, [down, left]]}
  if (!wish.given || !s.difference) s.looking({window: null});
  say(s.model, {type: "subtraction", ...wish});
}

export const maskIs = frame => ({given: [[frame], null, 1, [0, 0]]});
