import { digits, fourDigits } from "../numbers.js";
import { rgbOf } from "../pixels.js";
import { SOURCE, inRegion, scaled } from "../values/regions.js";
import { isInside, valuesOf } from "../values/value_semantics.js";

const FIGURES = {
  length: (points, picture, {spacing, why}) => {
    const {regions} = picture.meaning, [a, b] = points;
    if (spacing.unit === "px" && regions.length) return regionDistance(regions, a, b);
    return figuresSaid(spacing, why, ["length", Math.hypot((b[0] - a[0]) * spacing.across, (b[1] - a[1]) * spacing.down), spacing.unit]);
  },
  angle: ([a, corner, b], picture, {spacing, why}) => {
    const [across, down] = spacing.unit === "px" ? [1, picture.meaning.aspect] : [spacing.across, spacing.down];
    const [p, q] = [a, b].map(([x, y]) => [(x - corner[0]) * across, (y - corner[1]) * down]);
    if (!(p[0] || p[1]) || !(q[0] || q[1])) return {quantities: [], label: "", source: "", why: "a leg has no length"};
    const angle = Math.atan2(Math.abs(p[0] * q[1] - p[1] * q[0]), p[0] * q[0] + p[1] * q[1]) * 180 / Math.PI;
    return figuresSaid(spacing, why, ["angle", angle, "°"]);
  },
  rectangle: ([a, b], picture, place) => regionFigures(a, b, picture, place, () => () => true, 1),
  ellipse: ([a, b], picture, place) => {
    const [cx, cy, rx, ry] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, Math.abs(a[0] - b[0]) / 2, Math.abs(a[1] - b[1]) / 2];
    return regionFigures(a, b, picture, place, y => { const v = ((y - cy) / ry) ** 2; return x => ((x - cx) / rx) ** 2 + v <= 1; }, Math.PI / 4);
  },
  probe: ([at], picture) => {
    const [column, row] = at.map(x => Math.floor(x + 0.5)), {meaning} = picture;
    if (!isInside(picture, column, row)) return {quantities: [], label: "", source: "", why: "outside of the image"};
    const values = valuesOf(picture), stored = values.at(column, row), quantities = [];
    let why = meaning.difference || meaning.note;
    if (values.color) rgbOf(stored).forEach((x, i) => quantities.push([["red", "green", "blue"][i], x, ""]));
    else if (values.isPadding(stored)) why = meaning.difference ? `no difference: ${why}` : `padding (${digits(stored, 6)})`;
    else if (values.grey) {
      const value = values.modality(stored);
      quantities.push(["value", value, meaning.unit]);
      if (meaning.suv !== null) quantities.push(["SUVbw", value * meaning.suv, "g/ml"]);
      for (const {name, unit, of} of values.real) if (!isNaN(of(stored))) quantities.push([name, of(stored), unit]);
    }
    const here = meaning.regions.find(r => inRegion(r)([column, row]));
    if (here) quantities.push(["horizontal", ...scaled(here.x, column)], ["vertical", ...scaled(here.y, row)]);
    return {quantities, label: "", source: "", why};
  },
};

function regionFigures(a, b, picture, place, shape, share) { // pixels whose centres lie inside, padding left out
  const {spacing, why} = place, {meaning} = picture, values = valuesOf(picture);
  const [left, right, top, bottom] = [Math.min(a[0], b[0]), Math.max(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[1], b[1])];
  const [x0, x1] = [Math.max(0, Math.ceil(left)), Math.min(picture.columns - 1, Math.floor(right))];
  const [y0, y1] = [Math.max(0, Math.ceil(top)), Math.min(picture.rows - 1, Math.floor(bottom))];
  const counts = new Uint32Array(65536), {data} = values, {base, strideX, strideY} = picture; // how often each value is there
  let count = 0, sum = 0, squares = 0, min = Infinity, max = -Infinity;
  for (let y = y0; y <= y1; y++) {
    const inside = shape(y);
    let from = x0, to = x1; // a shape without dents is one span of each row
    while (from <= to && !inside(from)) from++;
    while (to >= from && !inside(to)) to--;
    count += to - from + 1;
    if (values.grey) for (let x = from, o = base + y * strideY + from * strideX; x <= to; x++, o += strideX) counts[data[o] & 0xffff]++;
  }
  const each = of => f => counts.forEach((n, code) => { if (n && !values.isPadding(values.stored(code))) f(of(values.stored(code)), n); });
  const measured = each(values.modality);
  if (values.grey) {
    count = 0;
    measured((value, n) => { count += n; sum += n * value; min = Math.min(min, value); max = Math.max(max, value); });
  }
  const mean = sum / count, size = [["area", share * (right - left) * (bottom - top) * spacing.across * spacing.down, `${spacing.unit}²`], ["count", count, "px"]];
  if (!count) return figuresSaid(spacing, "no pixel lies inside", ...size);
  if (!values.grey) return figuresSaid(spacing, why, ...size);
  const said = [meaning.difference, why].filter(Boolean).join(" · ");
  measured((value, n) => { squares += n * (value - mean) ** 2; });
  const amounts = {mean, sd: count > 1 ? Math.sqrt(squares / (count - 1)) : 0, min, max};
  const suv = meaning.suv === null ? [] : ["mean", "max"].map(k => [`SUVbw ${k}`, amounts[k] * meaning.suv, "g/ml"]);
  const real = values.real.flatMap(({name, unit, of}) => spreadOf(each(of)).map(([k, x]) => [`${name} ${k}`, x, unit]));
  return figuresSaid(spacing, said, ...Object.entries(amounts).map(([k, x]) => [k, x, meaning.unit]), ...suv, ...real, ...size);
}

function spreadOf(each) { // mean and spread of the values that are numbers; nothing where none is
  let count = 0, sum = 0, squares = 0;
  each((value, n) => { if (!isNaN(value)) { count += n; sum += n * value; } });
  each((value, n) => { if (!isNaN(value)) squares += n * (value - sum / count) ** 2; });
  return count ? [["mean", sum / count], ["SD", count > 1 ? Math.sqrt(squares / (count - 1)) : 0]] : [];
}

function regionDistance(regions, a, b) { // between two points of an ultrasound image that are not both in centimetres
  const shared = regions.find(r => inRegion(r)(a) && inRegion(r)(b)), pixels = Math.hypot(b[0] - a[0], b[1] - a[1]);
  const only = why => ({quantities: [["length", pixels, "px"]], label: "", source: SOURCE, why});
  if (!shared) return only(regions.some(r => inRegion(r)(a) || inRegion(r)(b)) ? "the points are not in one region" : "no ultrasound region is there");
  const across = scaled(shared.x, b[0])[0] - scaled(shared.x, a[0])[0], down = scaled(shared.y, b[1])[0] - scaled(shared.y, a[1])[0];
  const {x: {unit: u}, y: {unit: v}} = shared, found = quantities => ({quantities, label: "", source: SOURCE, why: ""});
  if (u === "s" && v === "cm/s") return found([["time", Math.abs(across), "s"], ["velocity", down, "cm/s"], ...(across ? [["slope", down / across, "cm/s²"]] : [])]);
  if (u === "s" && v === "cm") return found([["time", Math.abs(across), "s"], ["depth", down, "cm"], ...(across ? [["slope", down / across, "cm/s"]] : [])]);
  if (u && v && u !== v) return found([["horizontal", across, u], ["vertical", down, v]]);
  return only(`the region's units are ${u || "none"} and ${v || "none"}: no length`);
}

function spacingAt({spacing, meaning: {regions}}, points) { // the spacing that holds at all points, and why it is only pixels
  if (spacing.unit !== "px" && spacing.source !== SOURCE) return {spacing, why: ""};
  if (!regions.length) return {spacing, why: spacing.source};
  const shared = regions.find(r => points.every(inRegion(r)));
  const pixels = {down: 1, across: 1, unit: "px", label: "", source: SOURCE};
  if (!shared) return {spacing: pixels, why: "the points are not in one region"};
  if (shared.x.unit !== "cm" || shared.y.unit !== "cm") return {spacing: pixels, why: `the region's units are ${shared.x.unit || "none"} and ${shared.y.unit || "none"}`};
  return {spacing: {down: 10 * Math.abs(shared.y.delta), across: 10 * Math.abs(shared.x.delta), unit: "mm", label: "", source: SOURCE}, why: ""};
}

const figuresSaid = (spacing, why, ...quantities) => ({quantities, label: spacing.label, source: spacing.unit === "px" ? "" : spacing.source, why});

export function figuresOf({kind, points}, picture) { // points in image coordinates; from here on 0, 0 is the first pixel's centre
  if (picture.preview) return {quantities: [], label: "", source: "", why: "no values yet: a preview"};
  const centred = points.map(p => p.map(x => x - 0.5));
  return FIGURES[kind](centred, picture, spacingAt(picture, centred));
}

export function linesOf({quantities, label, why}) { // as they are written beside the measurement
  const names = quantities.map(q => q[0]), lines = [];
  const words = quantities.map(([name, value, unit]) => `${name === "sd" ? "SD" : name} ${fourDigits(value)} ${unit}`.trim());
  if (names.includes("mean") && names.includes("sd")) for (let i = 0; i < words.length; i += 2) lines.push(words.slice(i, i + 2).join("   "));
  else lines.push(...(words.length === 1 ? [words[0].slice(names[0].length + 1)] : words));
  return [...lines, ...(label ? [`(${label})`] : []), ...(why ? [why] : [])];
}



export const VALUED = ["rectangle", "ellipse", "probe"]; // what they say depends on values, and so on what is subtracted

export const MARK_COLOR = "#66e0ff";

export function outlineOf({kind, points}) { // in image coordinates
  const [[left, top], [right, bottom] = []] = points;
  if (kind === "probe") return [[left - 2, top], [left + 2, top], [left, top], [left, top - 2], [left, top + 2]];
  if (kind === "rectangle") return [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]];
  if (kind !== "ellipse") return points;
  const steps = Array.from({length: 65}, (_, i) => 2 * Math.PI * i / 64);
  return steps.map(t => [(left + right) / 2 + (right - left) / 2 * Math.cos(t), (top + bottom) / 2 + (bottom - top) / 2 * Math.sin(t)]);
}
