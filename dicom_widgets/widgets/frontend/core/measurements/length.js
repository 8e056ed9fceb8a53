// The distance of two points, or what lies between them in an ultrasound region (requirements ME3, US2).
import { regionDistance } from "../values/regions.js";
import { figuresIn } from "./figures.js";

/** @type {MeasurementKind} */
export const length = {
  points: 2,
  valued: false,
  outline: (points) => [points],
  figures: ([a, b], { picture, spacing, why }) => {
    const { regions } = picture.meaning;
    if (spacing.unit === "px" && regions.length) return regionDistance(regions, a, b);
    const distance = Math.hypot((b[0] - a[0]) * spacing.across, (b[1] - a[1]) * spacing.down);
    return figuresIn(spacing, why, ["length", distance, spacing.unit]);
  },
};
