// The mask of a run: off and on, another frame, moved by parts of a pixel (CI8). The kernel subtracts.
import { say } from "../../runtime/page.js";

/**
 * Asks for another subtraction; a window of the frames says nothing about their difference.
 * @param {Surface} s
 * @param {{on: boolean} | {given: SubtractionMessage}} wish
 */
export function subtract(s, wish) {
  if (!("given" in wish) || !s.difference) s.looking({ window: null });
  say(s.model, { type: "subtraction", ...wish });
}

/** @type {(frame: number) => {given: SubtractionMessage}} */
export const maskIs = (frame) => ({ given: [[frame], null, 1, [0, 0]] });
