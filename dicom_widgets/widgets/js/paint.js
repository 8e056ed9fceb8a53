// Painting one view: pixels on `canvas.dw-pixels`, shapes on the canvas above it.
function paintPixels(view, s, picture, ctx) {
  const t0 = performance.now(), {canvas} = view, {width: W, height: H} = canvas, data = touch(picture);
  if (view.image?.width !== W || view.image?.height !== H) {
    view.image = new ImageData(W, H);
    view.out = new Uint32Array(view.image.data.buffer);
  }
  const lut = lutOf(picture, s.look), axes = axesOf(picture, s, W, H);
  if (axes.zoom < 1) { // reduced: the means are made once a frame, then a change of window is a look-up
    const geometry = [picture.key, axes.zoom, axes.turns, axes.flip, s.pan, W, H].join();
    if (view.reduction?.geometry !== geometry && !s.moving) {
      view.reduction = {geometry, index: reduced(data, picture.base, axes.x, axes.y, picture.padding)};
    }
    if (view.reduction?.geometry === geometry) paintReduced(view.reduction.index, lut, view.out);
    else paintNearest(data, picture.base, nearest(axes.x), nearest(axes.y), lut, view.out);
  } else paintNearest(data, picture.base, nearest(axes.x), nearest(axes.y), lut, view.out);
  ctx.putImageData(view.image, 0, 0);
  paintShapes(view, picture, toScreen(picture, axes));
  canvas.dataset.ms = (performance.now() - t0).toFixed(2);
}

function paintShapes({graphics}, picture, place) {
  const g = graphics.getContext("2d"), dpr = window.devicePixelRatio;
  g.clearRect(0, 0, graphics.width, graphics.height);
  graphics.dataset.shapes = picture.shapes.length;
  g.font = `${Math.round(14 * dpr)}px sans-serif`;
  g.textBaseline = "top";
  const stroke = (points, color) => {
    g.beginPath();
    points.forEach((p, i) => (i ? g.lineTo(...p) : g.moveTo(...p)));
    g.lineWidth = 3.5 * dpr; g.strokeStyle = "rgba(0, 0, 0, 0.6)"; g.stroke();
    g.lineWidth = 1.5 * dpr; g.strokeStyle = color; g.stroke();
  };
  for (const shape of picture.shapes) {
    if (shape.points) {
      stroke(shape.points.map(place), shape.color);
      if (shape.filled) { g.fillStyle = shape.color; g.fill(); }
      continue;
    }
    const at = place(shape.at);
    if (shape.leader) stroke([at, place(shape.leader)], shape.color);
    const lines = shape.words.split("\n"), wide = Math.max(...lines.map(l => g.measureText(l).width)), step = 17 * dpr;
    const x = clamp(at[0], 2, Math.max(2, graphics.width - wide - 2)), y = clamp(at[1], 2, Math.max(2, graphics.height - step * lines.length)); // never lost off screen
    lines.forEach((line, i) => {
      g.lineWidth = 3 * dpr; g.strokeStyle = "#000"; g.strokeText(line, x, y + i * step);
      g.fillStyle = shape.color; g.fillText(line, x, y + i * step);
    });
  }
}
