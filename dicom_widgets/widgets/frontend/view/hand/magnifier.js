// What lies under the pointer, said without a button; and the magnifier, which shows the picture around it enlarged.
function probing(s, view) {
  let at = null;
  view.reread = () => { // also of another picture under a hand at rest
    view.said.textContent = isImage(view.picture) && s.texts !== "off" ? probeText(view.picture, at) : "";
  };
  view.point = () => { view.box.style.cursor = view.over ? "grab" : TOOLS[s.tool].cursor ?? ""; };
  view.hover = image => {
    at = image;
    view.reread();
    const {picture, canvas} = view, dpr = window.devicePixelRatio;
    if (s.draft && image && isImage(picture) && !s.hand) drawTo(s, picture, image, s.draft.placed);
    const axes = isImage(picture) && image ? axesOf(picture, s, canvas.width, canvas.height) : null;
    const grip = axes ? gripAt(s, view, picture, axes, toScreen(picture, axes)(image), dpr) : null;
    const over = grip?.mark?.uid ?? grip?.cut.cut;
    if (over === view.over) return;
    view.over = over;
    view.point();
    s.paint();
  };
}

const LENS = 160; // CSS pixels
const unlens = ({view}) => { view.lens.hidden = true; };
const magnifying = {click: true, down: h => lens(h), move: h => lens(h), up: unlens, drop: unlens};

function lens({s, view, picture, screen, dpr}) { // nearest stored values, with the look of the picture
  if (!picture) return;
  const size = Math.round(LENS * dpr), canvas = view.lens, near = [0, 1].map(i => Math.floor(screen[i]) + 0.5);
  const axes = axesOf(picture, s, view.canvas.width, view.canvas.height);
  const enlarged = (axis, at) => ({...axis, scale: 4 * axis.scale, start: size / 2 - 4 * (at - axis.start), size});
  const larger = {...axes, x: enlarged(axes.x, near[0]), y: enlarged(axes.y, near[1])};
  const image = new ImageData(size, size), glass = {out: new Uint32Array(image.data.buffer)}, color = picture.format === "rgb";
  const lut = color ? null : lutOf(picture, {...s.look, window: s.windowOf(picture)}), inverted = color && s.look.invert ? BLACK ^ 0xffffffff : 0;
  paintNearest(touch(picture), picture.base, nearest(larger.x), nearest(larger.y), lut, glass.out, inverted);
  if (picture.covers.length) paintCovers(glass, s, picture, larger, false, "");
  if (canvas.width !== size) canvas.width = canvas.height = size;
  canvas.getContext("2d").putImageData(image, 0, 0);
  [canvas.style.left, canvas.style.top] = screen.map(p => `${p / dpr}px`);
  canvas.hidden = false;
}
