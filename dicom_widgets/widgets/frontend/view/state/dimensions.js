import { along, stackAt } from "../../core/dimensions.js";
import { clamp } from "../../core/numbers.js";

export function step(s, axis, by) {
  const stack = stackAt(s);
  if (!stack) return s.scroll(s.index + by);
  const {values, labels} = stack.axes[axis];
  s.scroll(along(s, axis, clamp(values[s.index - stack.from] + by, 0, labels.length - 1)));
}
