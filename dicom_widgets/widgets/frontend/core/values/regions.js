// Ultrasound regions: what a point and a distance mean in each of them (PS3.3 C.8.5.5; requirements US1 to US4). The
// twin of display/values/regions.py. Points are counted from 0 at the centre of the first pixel.

const SOURCE = "Sequence of Ultrasound Regions (0018,6011)";

/** @type {(region: UltrasoundRegion) => (point: Point) => boolean} */
const inRegion =
  ({ left, top, right, bottom }) =>
  ([x, y]) => {
    const [column, row] = [Math.floor(x + 0.5), Math.floor(y + 0.5)];
    return left <= column && column <= right && top <= row && row <= bottom;
  };

/** @type {(axis: AxisUnit, at: number) => [value: number, unit: string]} */
export const scaled = ({ unit, delta, origin, value }, at) => [(at - origin) * delta + value, unit];

/** @type {(regions: UltrasoundRegion[], point: Point) => UltrasoundRegion | undefined} The region on top at a point. */
export const regionAt = (regions, point) => regions.find((r) => inRegion(r)(point));

/** @type {(region: UltrasoundRegion) => string} */
const unitsText = ({ x, y }) => `the region's units are ${x.unit || "none"} and ${y.unit || "none"}`;

/**
 * Measures between two points of an ultrasound image that are not both in centimetres.
 * @param {UltrasoundRegion[]} regions
 * @param {Point} a
 * @param {Point} b
 * @returns {Figures}
 */
export function regionDistance(regions, a, b) {
  const shared = regions.find((r) => inRegion(r)(a) && inRegion(r)(b));
  /** @type {(why: string) => Figures} */
  const pixels = (why) => {
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    return { quantities: [["length", length, "px"]], label: "", source: SOURCE, why };
  };
  if (!shared) {
    const inside = regions.some((r) => inRegion(r)(a) || inRegion(r)(b));
    return pixels(inside ? "the points are not in one region" : "no ultrasound region is there");
  }
  const across = scaled(shared.x, b[0])[0] - scaled(shared.x, a[0])[0];
  const down = scaled(shared.y, b[1])[0] - scaled(shared.y, a[1])[0];
  const [u, v] = [shared.x.unit, shared.y.unit];
  /** @type {(...quantities: Quantity[]) => Figures} */
  const found = (...quantities) => ({ quantities, label: "", source: SOURCE, why: "" });
  if (u === "s" && (v === "cm/s" || v === "cm")) {
    /** @type {Quantity[]} */
    const slope = across ? [["slope", down / across, v === "cm" ? "cm/s" : "cm/s²"]] : [];
    return found(["time", Math.abs(across), "s"], [v === "cm" ? "depth" : "velocity", down, v], ...slope);
  }
  if (u && v && u !== v) return found(["horizontal", across, u], ["vertical", down, v]);
  return pixels(`${unitsText(shared)}: no length`);
}

/**
 * Returns the spacing that holds at all points, and why it is only pixels.
 * @param {Picture} picture
 * @param {Point[]} points
 * @returns {{spacing: Spacing, why: string}}
 */
export function spacingAt({ spacing, meaning: { regions } }, points) {
  if (spacing.unit !== "px" && spacing.source !== SOURCE) return { spacing, why: "" };
  if (!regions.length) return { spacing, why: spacing.source };
  /** @type {Spacing} */
  const pixels = { down: 1, across: 1, unit: "px", label: "", source: SOURCE };
  const shared = regions.find((r) => points.every(inRegion(r)));
  if (!shared) return { spacing: pixels, why: "the points are not in one region" };
  if (shared.x.unit !== "cm" || shared.y.unit !== "cm") return { spacing: pixels, why: unitsText(shared) };
  const [down, across] = [10 * Math.abs(shared.y.delta), 10 * Math.abs(shared.x.delta)];
  return { spacing: { down, across, unit: "mm", label: "", source: SOURCE }, why: "" };
}
