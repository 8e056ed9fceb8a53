// From image pixels to screen pixels by whole-number tables: the twin of display/resample.py.
const OUT = 0x7fffffff; // "outside": no possible offset (a reversed axis has negative strides, so -1 is one)

function orientationOf(picture, look) { // the presentation state's turns and flip, then the user's
  const turns = picture.turns + (picture.flip ? -look.turns : look.turns);
  return {turns: ((turns % 4) + 4) % 4, flip: picture.flip !== look.flip};
}

const lying = ({columns, rows}, {turns, flip}) => ([u, v]) => { // a point of the image after its turns and flip
  let w = columns, h = rows;
  for (let i = 0; i < turns; i++) [u, v, w, h] = [h - v, u, h, w];
  return [flip ? w - u : u, v];
};

const SIDES = ["left", "top", "right", "bottom"];
function lyingSide(side, turns, flip) { // where an edge of the stored image lies
  const place = (SIDES.indexOf(side) + turns) % 4;
  return SIDES[flip && place % 2 === 0 ? 2 - place : place];
}

function axesOf(picture, view, W, H) { // view: {look, zoom, pan, pitch}
  const {columns, rows, strideX, strideY, aspect} = picture, {turns, flip} = orientationOf(picture, view.look);
  const odd = turns % 2 === 1, [n, m] = odd ? [rows, columns] : [columns, rows], [across, down] = odd ? [aspect, 1] : [1, aspect];
  let left = 0, top = 0, right = n, bottom = m; // what "fit" shows: the displayed area of a presentation state
  const side = picture.home?.side ? lyingSide(picture.home.side, turns, flip) : "", [wide, high] = picture.home?.extent ?? [0, 0];
  if (picture.home?.area) {
    const [l, t, r, b] = picture.home.area, place = lying(picture, {turns, flip}), p = place([l, t]), q = place([r, b]);
    [left, right, top, bottom] = [Math.min(p[0], q[0]), Math.max(p[0], q[0]), Math.min(p[1], q[1]), Math.max(p[1], q[1])];
  }
  const given = isTrue(view, picture) ? trueSize(picture, view.pitch).zoom : view.zoom;
  const zoom = given ?? (picture.home?.magnification || Math.min(W / Math.max((right - left) * across, wide), H / Math.max((bottom - top) * down, high)));
  const axis = (count, unit, ends, size, moved, stride, back, sides) => {
    const at = side ? sides.indexOf(side) : -1, [held, anchor] = at < 0 ? [(ends[0] + ends[1]) / 2, size / 2] : [ends[at], at * size]; // what is held where
    return {count, scale: zoom * unit, start: anchor - held * (zoom * unit) + moved, size, stride, back, anchor};
  };
  return {
    zoom, turns, flip,
    x: axis(n, across, [left, right], W, view.pan[0], odd ? strideY : strideX, (turns === 1 || turns === 2) !== flip, ["left", "right"]),
    y: axis(m, down, [top, bottom], H, view.pan[1], odd ? strideX : strideY, turns === 2 || turns === 3, ["top", "bottom"]),
  };
}

function nearest({count, scale, start, size, stride, back}) {
  const table = new Int32Array(size);
  for (let i = 0; i < size; i++) {
    const u = Math.floor((i + 0.5 - start) / scale);
    table[i] = u < 0 || u >= count ? OUT : (back ? count - 1 - u : u) * stride;
  }
  return table;
}

function paintNearest(data, base, xs, ys, lut, out, invert = 0) { // without a table the values are pixels
  const W = xs.length;
  let a = 0, b = W;
  while (a < W && xs[a] === OUT) a++;
  while (b > a && xs[b - 1] === OUT) b--;
  for (let y = 0, p = 0; y < ys.length; y++, p += W) {
    if (ys[y] === OUT || a === b) { out.fill(BLACK, p, p + W); continue; }
    out.fill(BLACK, p, p + a);
    out.fill(BLACK, p + b, p + W);
    const o = base + ys[y];
    if (lut) for (let x = a; x < b; x++) out[p + x] = lut[data[o + xs[x]] & 0xffff];
    else for (let x = a; x < b; x++) out[p + x] = data[o + xs[x]] ^ invert;
  }
}

function borders({count, scale, start, size}) { // of screen pixels, in 1/256 image pixels
  const table = new Int32Array(size + 1);
  for (let i = 0; i <= size; i++) table[i] = Math.min(count * 256, Math.max(0, Math.floor((i - start) / scale * 256 + 0.5)));
  return table;
}

// Means of stored values, rounded half up, padding left out: whole numbers below 2^53, so the order of the sums is free.
function reduced(data, base, ax, ay, padding) {
  const bx = borders(ax), by = borders(ay), W = ax.size, n = ax.count, out = new Int32Array(W * ay.size).fill(OUT);
  const sums = new Float64Array(n), weights = new Float64Array(n), index = new Int32Array(n);
  const [low, high] = padding ?? [1, 0];
  for (let u = 0; u < n; u++) index[u] = (ax.back ? n - 1 - u : u) * ax.stride;
  for (let y = 0, p = 0; y < ay.size; y++, p += W) {
    const from = by[y], to = by[y + 1];
    if (from === to) continue;
    sums.fill(0);
    weights.fill(padding ? 0 : to - from);
    for (let v = from >> 8; v << 8 < to; v++) {
      const weight = Math.min(to, v + 1 << 8) - Math.max(from, v << 8), o = base + (ay.back ? ay.count - 1 - v : v) * ay.stride;
      if (!padding) for (let u = 0; u < n; u++) sums[u] += weight * data[o + index[u]];
      else for (let u = 0; u < n; u++) {
        const s = data[o + index[u]];
        if (s < low || s > high) { sums[u] += weight * s; weights[u] += weight; }
      }
    }
    for (let x = 0; x < W; x++) {
      const left = bx[x], right = bx[x + 1];
      let sum = 0, total = 0;
      for (let u = left >> 8; u << 8 < right; u++) {
        const part = Math.min(right, u + 1 << 8) - Math.max(left, u << 8);
        sum += part * sums[u];
        total += part * weights[u];
      }
      if (!total) continue;
      const mean = Math.floor((2 * sum + total) / (2 * total));
      out[p + x] = (mean >= low && mean <= high ? high + 1 : mean) & 0xffff; // a mean of pixels on both sides of it is no padding
    }
  }
  return out;
}

// How screen pixels are made of image pixels: "area" is the mean of several, "linear" lies between four.
const wayOf = ({interpolation}, {zoom, x, y}) =>
  zoom < 1 ? "area" : interpolation === "linear" && Math.max(x.scale, y.scale) > 1 ? "linear" : "nearest";

function between(axis) { // the two image pixels that each screen pixel lies between, and the weight of the second in 1/256
  const {count, scale, start, size, stride, back} = axis, last = count - 1, place = u => clamp(u, 0, last);
  const found = {at: nearest(axis), from: new Int32Array(size), to: new Int32Array(size), weight: new Int32Array(size)};
  const offset = u => (back ? last - place(u) : place(u)) * stride;
  for (let i = 0; i < size; i++) {
    const q = clamp(Math.floor(((i + 0.5 - start) / scale - 0.5) * 256 + 0.5), -256, count * 256);
    found.from[i] = offset(q >> 8);
    found.to[i] = offset((q >> 8) + 1);
    found.weight[i] = q & 255;
  }
  return found;
}

// What lies between four stored values; padding is not mixed in, and where it is the nearest pixel there is nothing.
// First across, one row after the other, then down; `shift` and `mask` take one sample out of a colour.
function linear(data, base, ax, ay, padding, shift = 0, mask = -1) {
  const {at, from: left, to: right, weight} = between(ax), Y = between(ay), W = ax.size, out = new Int32Array(W * ay.size).fill(OUT), [low, high] = padding ?? [1, 0];
  const make = () => ({from: NaN, sums: new Int32Array(W), weights: new Int32Array(W)});
  const fill = (row, from) => {
    const {sums, weights} = row, o = base + from;
    row.from = from;
    for (let x = 0; x < W; x++) {
      const a = data[o + left[x]] >> shift & mask, b = data[o + right[x]] >> shift & mask;
      let f = weight[x], d = 256 - f;
      if (padding) { if (a >= low && a <= high) d = 0; if (b >= low && b <= high) f = 0; }
      sums[x] = d * a + f * b;
      weights[x] = d + f;
    }
  };
  let top = make(), bottom = make();
  for (let y = 0, p = 0; y < ay.size; y++, p += W) {
    if (Y.at[y] === OUT) continue;
    if (top.from !== Y.from[y]) {
      if (bottom.from === Y.from[y]) [top, bottom] = [bottom, top]; else fill(top, Y.from[y]);
    }
    if (bottom.from !== Y.to[y]) fill(bottom, Y.to[y]);
    const {sums: s, weights: v} = top, {sums: t, weights: w} = bottom, g = Y.weight[y], e = 256 - g, o = base + Y.at[y];
    if (!padding) { // 16 bits of a sum below 2^32, or of one that is negative
      for (let x = 0; x < W; x++) if (at[x] !== OUT) out[p + x] = Math.imul(e, s[x]) + Math.imul(g, t[x]) + 32768 >>> 16;
      continue;
    }
    for (let x = 0; x < W; x++) {
      if (at[x] === OUT) continue;
      const nearest = data[o + at[x]], total = e * v[x] + g * w[x];
      if (nearest >= low && nearest <= high) continue;
      const mean = Math.floor((2 * (e * s[x] + g * t[x]) + total) / (2 * total));
      out[p + x] = (mean >= low && mean <= high ? high + 1 : mean) & 0xffff;
    }
  }
  return out;
}

function linearColor(data, base, ax, ay) { // the same of the three samples of each pixel
  const shifts = LITTLE ? [0, 8, 16] : [24, 16, 8], [r, g, b] = shifts.map(c => linear(data, base, ax, ay, null, c, 255));
  for (let i = 0; i < r.length; i++) if (r[i] !== OUT) r[i] = BLACK | r[i] << shifts[0] | g[i] << shifts[1] | b[i] << shifts[2];
  return r;
}

function paintReduced(index, lut, out, invert = 0) {
  if (lut) for (let i = 0; i < index.length; i++) out[i] = index[i] === OUT ? BLACK : lut[index[i]];
  else for (let i = 0; i < index.length; i++) out[i] = index[i] === OUT ? BLACK : index[i] ^ invert;
}

function reducedColor(data, base, ax, ay) { // the same of the three samples of each pixel
  const bx = borders(ax), by = borders(ay), W = ax.size, n = ax.count, out = new Int32Array(W * ay.size).fill(OUT);
  const sums = new Float64Array(3 * n), index = new Int32Array(n), shifts = LITTLE ? [0, 8, 16] : [24, 16, 8];
  for (let u = 0; u < n; u++) index[u] = (ax.back ? n - 1 - u : u) * ax.stride;
  const [r, g, b] = shifts;
  for (let y = 0, p = 0; y < ay.size; y++, p += W) {
    const from = by[y], to = by[y + 1];
    if (from === to) continue;
    sums.fill(0);
    for (let v = from >> 8; v << 8 < to; v++) {
      const weight = Math.min(to, v + 1 << 8) - Math.max(from, v << 8), o = base + (ay.back ? ay.count - 1 - v : v) * ay.stride;
      for (let u = 0, k = 0; u < n; u++, k += 3) {
        const w = data[o + index[u]];
        sums[k] += weight * (w >>> r & 255);
        sums[k + 1] += weight * (w >>> g & 255);
        sums[k + 2] += weight * (w >>> b & 255);
      }
    }
    for (let x = 0; x < W; x++) {
      const left = bx[x], right = bx[x + 1], total = (right - left) * (to - from);
      if (!total) continue;
      let pixel = BLACK;
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let u = left >> 8; u << 8 < right; u++) sum += (Math.min(right, u + 1 << 8) - Math.max(left, u << 8)) * sums[3 * u + c];
        pixel |= Math.floor((2 * sum + total) / (2 * total)) << shifts[c];
      }
      out[p + x] = pixel;
    }
  }
  return out;
}

function touched(bits, ax, ay) { // which screen pixels cover a set bit: thin lines of an overlay are not lost
  const bx = borders(ax), by = borders(ay), W = ax.size, n = ax.count, out = new Uint8Array(W * ay.size);
  const any = new Uint8Array(n), index = new Int32Array(n);
  for (let u = 0; u < n; u++) index[u] = (ax.back ? n - 1 - u : u) * ax.stride;
  for (let y = 0, p = 0; y < ay.size; y++, p += W) {
    if (by[y] === by[y + 1]) continue;
    any.fill(0);
    for (let v = by[y] >> 8; v << 8 < by[y + 1]; v++) {
      const o = (ay.back ? ay.count - 1 - v : v) * ay.stride;
      for (let u = 0; u < n; u++) any[u] |= bits[o + index[u]];
    }
    for (let x = 0; x < W; x++) for (let u = bx[x] >> 8; u << 8 < bx[x + 1]; u++) if (any[u]) { out[p + x] = 1; break; }
  }
  return out;
}

function toScreen(picture, axes) { // image coordinates (0, 0 is the outer corner) -> screen
  const place = lying(picture, axes);
  return point => {
    const [u, v] = place(point);
    return [axes.x.start + u * axes.x.scale, axes.y.start + v * axes.y.scale];
  };
}

function fromScreen(picture, axes) { // the way back
  const odd = axes.turns % 2 === 1;
  return ([x, y]) => {
    let u = (x - axes.x.start) / axes.x.scale, v = (y - axes.y.start) / axes.y.scale;
    let [w, h] = odd ? [picture.rows, picture.columns] : [picture.columns, picture.rows];
    if (axes.flip) u = w - u;
    for (let i = 0; i < axes.turns; i++) [u, v, w, h] = [v, w - u, h, w];
    return [u, v];
  };
}

const OPPOSITE = {L: "R", R: "L", A: "P", P: "A", H: "F", F: "H"};
function lettersOf(picture, view) { // at the left, top, right and bottom edge
  const {turns, flip} = orientationOf(picture, view.look), other = s => [...s].map(c => OPPOSITE[c]).join("");
  const [row, column] = picture.runs;
  let around = [other(row), other(column), row, column];
  for (let i = 0; i < turns; i++) around = [around[3], ...around.slice(0, 3)];
  return flip ? [around[2], around[1], around[0], around[3]] : around;
}
