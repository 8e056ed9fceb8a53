export function stackAt(s) {
  let found = null;
  for (const stack of s.dims) if (stack.from <= s.index && s.index < stack.from + stack.axes[0].values.length) found = stack;
  return found;
}

export function along(s, axis, place) { // the index where one axis stands at a place and the others where they are
  const {from, axes} = stackAt(s), here = s.index - from;
  let best = here, least = Infinity;
  for (let i = 0; i < axes[0].values.length; i++) {
    if (axes[axis].values[i] !== place) continue;
    const off = axes.reduce((sum, a, k) => sum + (k === axis ? 0 : Math.abs(a.values[i] - a.values[here])), 0); // a grid may have gaps
    if (off < least) [best, least] = [i, off];
  }
  return from + best;
}
