// What a measurement says, and how it is written beside it. The twin of `Figures` in measurements/figures.py.
import { fourDigits } from "../numbers.js";

/** @type {(spacing: Spacing, why: string, ...quantities: Quantity[]) => Figures} */
export const figuresIn = (spacing, why, ...quantities) => ({
  quantities,
  label: spacing.label,
  source: spacing.unit === "px" ? "" : spacing.source,
  why,
});

/** @type {(why: string) => Figures} */
export const noFigures = (why) => ({ quantities: [], label: "", source: "", why });

/**
 * Returns the lines that are written beside the measurement.
 * @param {Figures} figures
 */
export function linesOf({ quantities, label, why }) {
  const names = quantities.map((q) => q[0]);
  const words = quantities.map(([name, x, unit]) => `${name === "sd" ? "SD" : name} ${fourDigits(x)} ${unit}`.trim());
  const lines = [];
  if (names.includes("mean") && names.includes("sd")) {
    for (let i = 0; i < words.length; i += 2) lines.push(words.slice(i, i + 2).join("   ")); // two quantities a line
  } else lines.push(...(words.length === 1 ? [words[0].slice(names[0].length + 1)] : words));
  return [...lines, ...(label ? [`(${label})`] : []), ...(why ? [why] : [])];
}
