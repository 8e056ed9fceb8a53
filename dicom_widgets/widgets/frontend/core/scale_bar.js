// A bar of a round length, where a length is known (requirement TX5).

/**
 * @param {Picture} picture
 * @param {Axes} axes
 * @param {number} dpr
 * @param {number} width of the view in device pixels
 * @returns {{width: number, text: string} | null} CSS pixels, and the length in words
 */
export function scaleOf({ spacing }, { x, turns }, dpr, width) {
  if (spacing.unit !== "mm") return null;
  const pixel = x.scale / dpr / (turns % 2 ? spacing.down : spacing.across); // CSS pixels for each millimetre
  const most = Math.min(120, width / dpr / 4);
  const step = 10 ** Math.floor(Math.log10(most / pixel));
  const length = step * /** @type {number} */ ([5, 2, 1].find((n) => n * step * pixel <= most));
  const text = length >= 10 ? `${+(length / 10).toPrecision(3)} cm` : `${+length.toPrecision(3)} mm`;
  return { width: Math.round(length * pixel), text: spacing.label ? `${text} (${spacing.label})` : text };
}
