// Dimensions: one slider for each axis along which frames of a stack differ (requirements MF2, NP1).
// s.dims: [{from, axes: [{name, values, labels}]}], one for each stack that has any; values are places from 0.
function stackAt(s) {
  let found = null;
  for (const stack of s.dims) if (stack.from <= s.index && s.index < stack.from + stack.axes[0].values.length) found = stack;
  return found;
}

function along(s, axis, place) { // the index where one axis stands at a place and the others where they are
  const {from, axes} = stackAt(s), here = s.index - from;
  let best = here, least = Infinity;
  for (let i = 0; i < axes[0].values.length; i++) {
    if (axes[axis].values[i] !== place) continue;
    const off = axes.reduce((sum, a, k) => sum + (k === axis ? 0 : Math.abs(a.values[i] - a.values[here])), 0); // a grid may have gaps
    if (off < least) [best, least] = [i, off];
  }
  return from + best;
}

function step(s, axis, by) {
  const stack = stackAt(s);
  if (!stack) return s.scroll(s.index + by);
  const {values, labels} = stack.axes[axis];
  s.scroll(along(s, axis, clamp(values[s.index - stack.from] + by, 0, labels.length - 1)));
}

function dimensions(s, parent) { // the sliders; returns what brings them up to date
  const box = make("div", {parent, className: "dw-dims"});
  let known = null, sliders = [];
  return () => {
    const stack = stackAt(s);
    box.hidden = !stack;
    if (!stack) return;
    if (known !== stack) {
      known = stack;
      box.replaceChildren();
      sliders = stack.axes.map(({name, labels}, axis) => {
        const label = make("label", {parent: box}), words = make("span", {parent: label});
        const input = make("input", {parent: label, type: "range", min: 0, max: labels.length - 1, "aria-label": name, on: {input: e => s.scroll(along(s, axis, +e.target.value))}});
        return {words, input};
      });
    }
    stack.axes.forEach(({name, values, labels}, axis) => {
      const place = values[s.index - stack.from], {words, input} = sliders[axis];
      input.value = place;
      words.textContent = `${name} ${labels[place]}`;
    });
  };
}
