// The angle at the second of three points (requirement ME4).
import { figuresIn, noFigures } from "./figures.js";

/** @type {MeasurementKind} */
export const angle = {
  points: 3,
  valued: false,
  outline: (points) => [points],
  figures: ([a, corner, b], { picture, spacing, why }) => {
    const [across, down] = spacing.unit === "px" ? [1, picture.meaning.aspect] : [spacing.across, spacing.down];
    const [p, q] = [a, b].map(([x, y]) => [(x - corner[0]) * across, (y - corner[1]) * down]);
    if (!(p[0] || p[1]) || !(q[0] || q[1])) return noFigures("a leg has no length");
    const radians = Math.atan2(Math.abs(p[0] * q[1] - p[1] * q[0]), p[0] * q[0] + p[1] * q[1]);
    return figuresIn(spacing, why, ["angle", (radians * 180) / Math.PI, "°"]);
  },
};
