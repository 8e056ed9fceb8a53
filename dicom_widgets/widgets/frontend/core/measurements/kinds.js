// The kinds of measurements, each with a module of its own: the twin of `KINDS` in measurements/figures.py.
import { spacingAt } from "../values/regions.js";
import { valuesOf } from "../values/value_semantics.js";
import { angle } from "./angle.js";
import { ellipse } from "./ellipse.js";
import { noFigures } from "./figures.js";
import { length } from "./length.js";
import { probe } from "./probe.js";
import { rectangle } from "./rectangle.js";
import { regionFigures } from "./region.js";

/** Extensions add rows to it. @type {Record<string, MeasurementKind>} */
export const KINDS = { length, angle, rectangle, ellipse, probe };

/**
 * Returns the lines of a measurement in image coordinates; from point to point where the kind is not known here.
 * @param {Pick<Measurement, "kind" | "points">} measurement
 */
export const outlineOf = ({ kind, points }) => KINDS[kind]?.outline(points) ?? [points];

/**
 * Computes the figures of a measurement.
 * @param {Pick<Measurement, "kind" | "points">} measurement in image coordinates
 * @param {Picture} picture
 * @param {Values} data the picture's stored values
 * @returns {Figures}
 */
export function figuresOf({ kind, points }, picture, data) {
  if (picture.preview) return noFigures("no values yet: a preview");
  const centred = points.map((p) => p.map((x) => x - 0.5)); // from here on 0, 0 is the centre of the first pixel
  const measured = { picture, ...spacingAt(picture, centred), values: () => valuesOf(picture, data) };
  return KINDS[kind].figures(centred, { ...measured, region: (region) => regionFigures(measured, region) });
}
