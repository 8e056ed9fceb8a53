// Dimensions: the axes along which the frames of a stack differ (requirements MF2, NP1).

/**
 * Returns the stack of a series that a frame belongs to; null where it has no dimensions.
 * @param {Dimensions[]} dims
 * @param {number} index
 */
export function stackAt(dims, index) {
  return dims.findLast(({ from, axes }) => from <= index && index < from + axes[0].values.length) ?? null;
}

/**
 * Returns the index where one axis stands at a value and the others where they are, or as near as a grid with gaps
 * has a frame.
 * @param {Dimensions} stack
 * @param {number} index
 * @param {number} axis
 * @param {number} value
 */
export function along({ from, axes }, index, axis, value) {
  const here = index - from;
  let best = here;
  let least = Infinity;
  axes[axis].values.forEach((own, i) => {
    if (own !== value) return;
    const off = axes.reduce((sum, a, k) => sum + (k === axis ? 0 : Math.abs(a.values[i] - a.values[here])), 0);
    if (off < least) [best, least] = [i, off];
  });
  return from + best;
}
