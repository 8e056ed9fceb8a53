// What lies in a region: pixels whose centres are inside, padding left out.
import { figuresIn } from "./figures.js";

/** @param {Point[]} points */
export function boxOf(points) {
  const [across, down] = [0, 1].map((i) => points.map((p) => p[i]));
  return { left: Math.min(...across), right: Math.max(...across), top: Math.min(...down), bottom: Math.max(...down) };
}

/**
 * Counts how often each 16-bit pattern lies in a region.
 * @param {Picture} picture
 * @param {FrameValues} values
 * @param {Region} region
 */
function counted(picture, { data, grey }, { box, spans }) {
  const { base, strideX, strideY } = picture;
  const counts = new Uint32Array(65536);
  const bottom = Math.min(picture.rows - 1, Math.floor(box.bottom));
  let count = 0;
  for (let y = Math.max(0, Math.ceil(box.top)); y <= bottom; y++) {
    for (const [left, right] of spans(y)) {
      const [from, to] = [Math.max(0, Math.ceil(left)), Math.min(picture.columns - 1, Math.floor(right))];
      if (to < from) continue;
      count += to - from + 1;
      if (!grey) continue;
      for (let x = from, o = base + y * strideY + from * strideX; x <= to; x++, o += strideX)
        counts[data[o] & 0xffff]++;
    }
  }
  return { counts, count };
}

/** @typedef {(f: (value: number, n: number) => void) => void} Each */

/**
 * Of the values that are numbers.
 * @type {(each: Each) => {count: number, mean: number, sd: number, min: number, max: number}}
 */
function statistics(each) {
  let [count, sum, squares, min, max] = [0, 0, 0, Infinity, -Infinity];
  each((value, n) => {
    if (isNaN(value)) return;
    count += n;
    sum += n * value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  });
  const mean = sum / count;
  each((value, n) => {
    if (!isNaN(value)) squares += n * (value - mean) ** 2;
  });
  return { count, mean, sd: count > 1 ? Math.sqrt(squares / (count - 1)) : 0, min, max };
}

/**
 * Returns mean, SD, smallest and largest value, area and count of a region.
 * @param {Omit<Measured, "region">} measured
 * @param {Region} region
 * @returns {Figures}
 */
export function regionFigures(measured, region) {
  const { picture, spacing, why } = measured;
  const { meaning } = picture;
  const values = measured.values();
  const { counts, count: pixels } = counted(picture, values, region);
  /** @type {(of: (stored: number) => number) => Each} */
  const each = (of) => (f) =>
    counts.forEach((n, code) => {
      if (n && !values.isPadding(values.stored(code))) f(of(values.stored(code)), n);
    });
  const found = values.grey ? statistics(each(values.modality)) : null;
  const count = found ? found.count : pixels;
  /** @type {Quantity[]} */
  const size = [
    ["area", region.area * spacing.across * spacing.down, `${spacing.unit}²`],
    ["count", count, "px"],
  ];
  if (!count) return figuresIn(spacing, "no pixel lies inside", ...size);
  if (!found) return figuresIn(spacing, why, ...size);
  const amounts = ["mean", "sd", "min", "max"].map(
    (k) => /** @type {Quantity} */ ([k, amount(found, k), meaning.unit]),
  );
  if (meaning.suv !== null) {
    for (const k of ["mean", "max"]) amounts.push([`SUVbw ${k}`, amount(found, k) * meaning.suv, "g/ml"]);
  }
  for (const { name, unit, of } of values.real) {
    const real = statistics(each(of));
    if (real.count) amounts.push([`${name} mean`, real.mean, unit], [`${name} SD`, real.sd, unit]);
  }
  return figuresIn(spacing, [meaning.difference, why].filter(Boolean).join(" · "), ...amounts, ...size);
}

/** @type {(found: Record<string, any>, name: string) => number} */
const amount = (found, name) => found[name];
