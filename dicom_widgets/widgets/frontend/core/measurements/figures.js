// What pixels and measurements say: the twin of display/meaning.py, display/probe.py and display/figures.py, so that a
// hand is told while the kernel is busy. A picture's `meaning` does not depend on window and presentation state.
function valuesOf(picture) { // how values of a picture are read: what a 16-bit pattern stands for, and what that means
  const {meaning, tables, base, strideX, strideY} = picture, data = touch(picture), {coded, meant} = tables;
  const [low, high] = meaning.padding ?? [1, 0], line = meaning.modality, last = meant ? meant.length - 1 : 0;
  const stored = coded ? code => coded[code] : data instanceof Int16Array ? code => code << 16 >> 16 : code => code;
  const raw = (column, row) => data[base + row * strideY + column * strideX];
  return {
    data, stored, color: picture.format === "rgb", grey: picture.format !== "rgb" && !!line,
    at: coded ? (column, row) => coded[raw(column, row)] : raw, // the stored value, or a colour's word
    isPadding: stored => stored >= low && stored <= high,
    real: meaning.real.map((m, i) => ({...m, of: realWorld(m, tables[`real${i}`])})),
    modality: meant ? s => meant[clamp(Math.floor(s + 0.5) - line.first, 0, last)] : s => s * line.slope + line.intercept,
  };
}

function realWorld({first, last, slope, intercept}, table) { // stored -> real world value, NaN where it is not mapped
  const mapped = s => (first === null || s >= first) && (last === null || s <= last);
  const value = table ? s => table[clamp(Math.floor(s - first + 0.5), 0, table.length - 1)] : s => s * slope + intercept;
  return s => mapped(s) ? value(s) : NaN;
}

const rgbOf = word => (LITTLE ? [0, 8, 16] : [24, 16, 8]).map(shift => word >>> shift & 255);
const isInside = ({rows, columns}, column, row) => column >= 0 && row >= 0 && column < columns && row < rows;
const inRegion = r => ([x, y]) => r.left <= Math.floor(x + 0.5) && Math.floor(x + 0.5) <= r.right && r.top <= Math.floor(y + 0.5) && Math.floor(y + 0.5) <= r.bottom;
const scaled = ({unit, delta, origin, value}, at) => [(at - origin) * delta + value, unit];

function digits(x, n) { // n significant digits as Python's :g writes them: a tie goes to the even digit
  if (!x || !Number.isFinite(x)) return String(x || 0);
  const [all, tail] = [x.toExponential(60).replace(/e.*/, ""), x < 0 ? n + 2 : n + 1], power = /e.*/.exec(x.toExponential(n - 1))[0];
  const even = /^50*$/.test(all.slice(tail)) && /[02468]\.?$/.test(all.slice(0, tail));
  const rounded = even ? `${all.slice(0, tail)}${/e.*/.exec(x.toExponential(60))[0]}` : x.toExponential(n - 1), exponent = +power.slice(1);
  if (exponent >= -4 && exponent < n) return String(+rounded);
  return `${+rounded.replace(/e.*/, "")}e${power[1]}${power.slice(2).padStart(2, "0")}`;
}

function probeText(picture, image) { // the pixel at a point in image coordinates, in words; "" outside
  if (!picture?.meaning || !image) return "";
  if (picture.preview) return "no values yet: a preview";
  const [column, row] = image.map(Math.floor), {meaning} = picture;
  if (!isInside(picture, column, row) || !page.buffers.has(picture.buffer)) return "";
  const values = valuesOf(picture), stored = values.at(column, row), [across, down] = meaning.tile ?? [Infinity, Infinity], words = [`${column % across + 1}, ${row % down + 1}`];
  if (values.color) words.push(`RGB ${rgbOf(stored).join(", ")}`);
  else if (values.isPadding(stored)) words.push(meaning.difference ? "no difference" : `padding (${digits(stored, 6)})`);
  else if (values.grey) {
    const value = values.modality(stored);
    words.push(`${`${digits(value, 5)} ${meaning.unit}`.trim()} (${meaning.difference || `stored ${digits(stored, 6)}`})`);
    if (meaning.suv !== null) words.push(`SUVbw ${digits(value * meaning.suv, 3)}`);
    for (const {name, unit, of} of values.real) if (!isNaN(of(stored))) words.push(`${name} ${digits(of(stored), 5)} ${unit}`.trim());
    if (meaning.note) words.push(meaning.note);
  }
  const region = meaning.regions.find(r => inRegion(r)([column, row]));
  if (region) words.push([scaled(region.x, column), scaled(region.y, row)].map(([x, unit]) => `${digits(x, 4)} ${unit}`.trim()).join(" × "));
  if (meaning.plane) {
    const [origin, across, down] = meaning.plane, [r, c] = meaning.pitch;
    const [x, y, z] = [0, 1, 2].map(i => (origin[i] + c * column * across[i] + r * row * down[i]).toFixed(1));
    words.push(`x ${x}, y ${y}, z ${z} mm`);
  }
  return words.join(" · ");
}

const POINTS = {length: 2, angle: 3, rectangle: 2, ellipse: 2, probe: 1};
const SOURCE = "Sequence of Ultrasound Regions (0018,6011)";
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

function figuresOf({kind, points}, picture) { // points in image coordinates; from here on 0, 0 is the first pixel's centre
  if (picture.preview) return {quantities: [], label: "", source: "", why: "no values yet: a preview"};
  const centred = points.map(p => p.map(x => x - 0.5));
  return FIGURES[kind](centred, picture, spacingAt(picture, centred));
}

function fourDigits(value) { // four significant digits, and no exponent as long as it is of a usual size
  if (!Number.isFinite(value) || (value && !(Math.abs(value) >= 1e-6 && Math.abs(value) < 1e9))) return digits(value, 4);
  const places = value ? Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value)))) : 0;
  return String(+(Math.floor(value * 10 ** places + 0.5) / 10 ** places).toFixed(places));
}

function linesOf({quantities, label, why}) { // as they are written beside the measurement
  const names = quantities.map(q => q[0]), lines = [];
  const words = quantities.map(([name, value, unit]) => `${name === "sd" ? "SD" : name} ${fourDigits(value)} ${unit}`.trim());
  if (names.includes("mean") && names.includes("sd")) for (let i = 0; i < words.length; i += 2) lines.push(words.slice(i, i + 2).join("   "));
  else lines.push(...(words.length === 1 ? [words[0].slice(names[0].length + 1)] : words));
  return [...lines, ...(label ? [`(${label})`] : []), ...(why ? [why] : [])];
}
