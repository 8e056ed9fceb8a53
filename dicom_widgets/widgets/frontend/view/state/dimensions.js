// Steps along the axes of a stack.
import { along, stackAt } from "../../core/dimensions.js";
import { clamp } from "../../core/numbers.js";

/** Scrolls along one axis; without axes through the frames. @type {(s: Surface, axis: number, by: number) => void} */
export function step(s, axis, by) {
  const stack = stackAt(s.dims, s.index);
  if (!stack) return s.scroll(s.index + by);
  const { values, labels } = stack.axes[axis];
  scrollAlong(s, axis, clamp(values[s.index - stack.from] + by, 0, labels.length - 1));
}

/** Scrolls to where one axis stands at a value. @type {(s: Surface, axis: number, value: number) => void} */
export function scrollAlong(s, axis, value) {
  const stack = stackAt(s.dims, s.index);
  if (stack) s.scroll(along(stack, s.index, axis, value));
}
