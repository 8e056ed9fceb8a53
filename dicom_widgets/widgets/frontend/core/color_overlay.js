// Further layers over an image: words that index colours, 0 is transparent. The twin of display/tint.py.
const layerBytes = ({layers = [], tables}) => layers.reduce((sum, {words}) => sum + tables[words].byteLength, 0);
const opacityOf = (s, {name, opacity}) => s.opacity[name] ?? opacity;

function paintLayers(view, s, picture, axes, way, geometry) {
  const odd = axes.turns % 2 === 1, x = {...axes.x, stride: odd ? picture.columns : 1}, y = {...axes.y, stride: odd ? 1 : picture.columns};
  const name = `${geometry},${way}`;
  if (view.layers?.name !== name) view.layers = {name, words: new Map()};
  for (const layer of picture.layers) {
    if (s.look.hidden.includes(layer.name)) continue;
    const {words} = view.layers, data = picture.tables[layer.words];
    if (!words.has(layer.name)) words.set(layer.name, sampled(data, x, y, layer.smooth ? way : "nearest"));
    blend(view.out, words.get(layer.name), picture.tables[layer.colors], Math.floor(opacityOf(s, layer) * 256 + 0.5));
  }
}

function sampled(data, x, y, way) { // 0 is what padding is: left out of means, and not mixed in
  if (way === "area") return reduced(data, 0, x, y, [0, 0]);
  if (way === "linear") return linear(data, 0, x, y, [0, 0]);
  const xs = nearest(x), ys = nearest(y), W = xs.length, out = new Int32Array(W * ys.length);
  for (let v = 0, p = 0; v < ys.length; v++, p += W) {
    if (ys[v] === OUT) continue;
    for (let u = 0; u < W; u++) if (xs[u] !== OUT) out[p + u] = data[ys[v] + xs[u]];
  }
  return out;
}

function blend(out, words, colors, a) { // (a * color + (256 - a) * below + 128) >> 8 of each channel, two of them at once
  const even = 0x00ff00ff, odd = 0xff00ff00, half = 0x00800080, b = 256 - a;
  for (let i = 0; i < out.length; i++) {
    const word = words[i];
    if (word === 0 || word === OUT) continue;
    const color = colors[word - 1], below = out[i];
    out[i] = ((color & even) * a + (below & even) * b + half) >>> 8 & even | (color >>> 8 & even) * a + (below >>> 8 & even) * b + half & odd;
  }
}

// A row of the Layers menu: on and off, and how much is seen of what was added.
function switchRow(s, picture, name, text) {
  const row = make("label", {}, make("input", {type: "checkbox", name, on: {change: () => toggle(s, name)}}), text);
  if (picture.layers.some(l => l.name === name)) make("input", {
    parent: row, type: "range", min: 0, max: 100, className: "dw-opacity", name, title: "Opacity", "aria-label": `Opacity of ${text}`,
    on: {input: e => s.change({opacity: {...s.opacity, [name]: +e.target.value / 100}}), change: () => s.settle()},
  });
  return row;
}

function followSwitches(s, picture, menu) {
  for (const input of menu.querySelectorAll("input")) {
    if (input.type === "checkbox") input.checked = !s.look.hidden.includes(input.name);
    else if (input !== document.activeElement) input.value = 100 * opacityOf(s, picture.layers.find(l => l.name === input.name));
  }
}
