// Commands: what a button or a key does at once. `code` is the line of a notebook that does the same; `shown` says when
// there is a button, and without an icon there is none; `pressed` says when it is down; `group` and `rank`: see buttons.js. A number or an arrow is no command: see `keys` below.
const LEVELS = ["all", "minimal", "off"];
const isImage = picture => !!picture && !picture.page;
const COMMANDS = {
  fit: {label: "Fit", icon: "maximize", rank: 1, keys: ["f", "0"], code: "viewport.zoom, viewport.pan = 'fit', (0, 0)", hint: "Fit the image into the view", run: s => s.fit()},
  true: {label: "True size", icon: "ruler-dimension-line", rank: 3, keys: ["M"], code: "viewport.zoom, viewport.pan = 'true size', (0, 0)", hint: "A millimetre of the image is one of the screen, once that is calibrated", pressed: s => s.zoom === TRUE, run: toTrueSize},
  pixels: {keys: ["Z"], code: "viewport.zoom, viewport.pan = 1, (0, 0)", hint: "One pixel of the image for each of the screen (1:1)", run: s => s.act({zoom: 1, pan: [0, 0]})},
  calibrate: {keys: ["C"], code: "dw.options.pixel_pitch = 25.4 / 96", hint: "Calibrate the screen for true sizes: match a bar with a bank card or a ruler", run: (s, view) => view.calibrate()},
  reset: {label: "Reset", icon: "undo-2", rank: 1, keys: ["r"], code: "viewport.reset()", hint: "Everything as it was presented; also a double click", run: s => s.reset()},
  exact: {keys: ["W"], code: "viewport.window = (40, 400)", hint: "The window by numbers: width and center, lower and upper level", run: (s, view) => view.exact()},
  invert: {label: "Invert", icon: "eclipse", rank: 1, keys: ["i"], code: "viewport.invert = True", hint: "Invert black and white", run: s => s.looking({invert: !s.look.invert})},
  right: {icon: "rotate-cw", keys: ["]"], code: "viewport.turns = 1", hint: "Turn clockwise", run: s => turned(s, 1)},
  left: {icon: "rotate-ccw", rank: 3, keys: ["["], code: "viewport.turns = 3", hint: "Turn counterclockwise", run: s => turned(s, 3)},
  flip: {icon: "flip-vertical-2", rank: 3, /* Lucide names the axis that is drawn */ keys: ["h"], code: "viewport.flip = True", hint: "Flip left to right", run: s => mirrored(s, 0)},
  flop: {icon: "flip-horizontal-2", rank: 3, keys: ["v"], code: "viewport.flip, viewport.turns = True, 2", hint: "Flip top to bottom", run: s => mirrored(s, 2)},
  smooth: {label: "Smooth", icon: "waves", rank: 3, keys: ["m"], code: "viewport.interpolation = 'linear'", hint: "Smooth an enlarged image, or show its pixels", pressed: s => s.interpolation === "linear", run: s => s.act({interpolation: s.interpolation === "linear" ? "area" : "linear"})},
  texts: {label: "Texts", icon: "type", rank: 3, keys: ["n"], code: "viewport.texts = 'minimal'", hint: "Texts on the image: all, minimal, off", run: s => s.act({texts: LEVELS[(LEVELS.indexOf(s.texts) + 1) % 3]})},
  subtract: {label: "Subtracted", icon: "circle-minus", keys: ["y"], code: "viewport.subtraction = True", hint: "Subtract the mask, or show the frames as they are", shown: s => s.subtraction.able, pressed: s => s.subtraction.on, run: s => s.subtraction.able && subtract(s, {on: !s.subtraction.on})},
  mask: {label: "Mask", icon: "flag", rank: 3, keys: ["Y"], code: "viewport.subtraction = dw.Subtraction((viewport.frame,))", hint: "Take this frame as the mask, and subtract it", shown: s => s.subtraction.run, run: (s, view) => s.subtraction.run && isMeasured(view.picture) && subtract(s, maskIs(view.picture.meaning.frame))},
  play: {label: "Play", icon: "play", rank: 1, keys: [" "], code: "viewport.playing = True", hint: "Play and stop", shown: s => s.sizes.length > 1, run: s => toggleCine(s)},
  layers: {keys: ["o"], code: "viewport.hidden = ('shutter',)", hint: "Shutter, overlays, annotations and reference lines off and on", run: (s, view) => toggle(s, ...Object.keys(switchesOf(view.picture, s)).filter(name => name !== ICC))},
  tags: {label: "Tags", icon: "list-tree", group: "study", keys: ["t"], code: "dw.Tags(session, viewport.instance)", hint: "All elements of this instance", shown: s => s.more, run: s => s.more && below(s, "tags")},
  planes: {label: "MPR", icon: "axis-3d", group: "study", keys: ["q"], code: "dw.MPR(session, dw.Entity.of(*viewport.instance.path[:2]))", hint: "Three planes of this series, or why there are none", shown: s => s.more && s.sizes.length > 2, run: s => s.more && below(s, "planes")},
  tiles: {label: "Tiles", icon: "grid-3x3", group: "study", keys: ["G"], code: "viewport.tile()", hint: "Frames side by side, with one window; or one frame again", shown: s => s.tiled || (s.sizes.length > 1 && !s.cross), pressed: s => s.tiled, run: s => (s.tiled || s.sizes.length > 1) && say(s.model, {type: "tiles"})},
  hang: {label: "Hang", icon: "columns-2", group: "study", keys: ["H"], code: "viewer.hang()", hint: "Hang the four views of a mammography, chest walls in the middle; or take them down", shown: s => s.more && s.modality === "MG", pressed: s => [...s.views].some(v => v.cells?.hung()), run: (s, view) => view.cells?.hang()},
  next: {keys: ["j"], code: "viewport.measurements", hint: "The cursor to the next point of a measurement; Enter takes it up", run: nextHandle},
  remove: {label: "Remove", icon: "trash-2", group: "measure", keys: ["Delete", "Backspace"], code: "session.measurements.remove(*viewport.measurements[-1:])", hint: "Remove the selected measurement", shown: s => s.shared.marks.all.has(s.selected), run: s => removeMark(s, s.selected)},
  layout: {keys: ["d"], code: "viewer.grid = (2, 2)", hint: "Rows and columns of a viewer", run: (s, view) => view.cells?.layout()},
  link: {keys: ["k"], code: "dw.link(viewport, other)", hint: "Link all images of a viewer, or none: scroll, window, zoom and pan", run: (s, view) => view.cells?.link()},
  help: {label: "Help", icon: "circle-question-mark", group: "study", rank: 3, keys: ["?", "F1"], code: "help(dw.Viewport)", hint: "Tools and keys", run: (s, view) => view.help()},
};

const ICC = "icc profile"; // what the colours are, and nothing that lies over them

const switchesOf = (picture, s) => (isImage(picture) ? {...picture.switches, ...lineSwitch(s)} : {});

// A look is "turns, then flip", so a turn of what is seen runs the other way where it is flipped.
const turned = (s, by) => s.looking({turns: (s.look.turns + (s.look.flip ? 4 - by : by)) % 4});
const mirrored = (s, turns) => s.looking({flip: !s.look.flip, turns: (s.look.turns + turns) % 4});

function below(s, type) { // what appears below the viewer, or goes away again
  s.shared.awaited = type;
  say(s.model, {type});
}

function reveal(shared, type, root) { // what was asked for here may lie below the window; what a notebook shows by itself stays where it is
  if (shared.awaited === type) requestAnimationFrame(() => root.scrollIntoView({block: "nearest"}));
  shared.awaited = null;
}

function toggle(s, ...names) { // what is painted over the image: off, or on again when all of it is off
  const {hidden} = s.look, rest = hidden.filter(name => !names.includes(name));
  const off = !names.every(name => hidden.includes(name));
  s.looking({hidden: off ? [...rest, ...names] : rest});
}

const MOVES = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, PageDown: 10, PageUp: -10};
const ZOOMS = {"+": 1.25, "=": 1.25, "-": 1 / 1.25};
function keys(e, s, view, cursor) {
  if (e.key === "z" && (e.ctrlKey || e.metaKey) && !e.target.matches("input") && undo(s)) { e.preventDefault(); e.stopPropagation(); }
  if (!isPlain(e)) return;
  e.stopPropagation(); // JupyterLab would delete cells at `d d`
  if (e.target.matches("select, input, summary") && e.key !== "Escape") return;
  if (e.target.closest(".dw-help") && e.key in {...MOVES, Home: 0, End: 0, " ": 0}) return; // the sheet scrolls, not what lies below it
  if (e.target.matches("button") && (e.key === " " || e.key === "Enter")) return;
  const {picture} = view, last = s.sizes.length - 1;
  const tool = Object.keys(TOOLS).find(t => TOOLS[t].key === e.key && (TOOLS[t].shown?.(s) ?? true)), command = Object.values(COMMANDS).find(c => c.keys.includes(e.key));
  const preset = /^[1-9]$/.test(e.key) ? view.windows?.[e.key - 1] : null; // those in the menu, also while the next slice is on its way
  if (e.key === "Escape") { if (!view.help(false) && !view.calibrate(false) && !cursor.escape()) leave(view); }
  else if (e.key === "Enter" || (e.shiftKey && e.key in MOVES)) cursor.key(e.key);
  else if (e.key in MOVES) s.scroll(s.index + MOVES[e.key]);
  else if (e.key === "Home" || e.key === "End") s.scroll(e.key === "Home" ? 0 : last);
  else if (e.key === "," || e.key === ".") step(s, 0, e.key === "." ? 1 : -1);
  else if (tool) s.act({tool});
  else if (preset) s.looking({window: preset});
  else if (e.key in ZOOMS && isImage(picture)) { zoomAt(s, view, picture, ZOOMS[e.key]); s.settle(); }
  else if (command) command.run(s, view);
  else return;
  e.preventDefault();
}
function leave({box}) { // from the toolbar to the image, from there to what it stands in: the notebook's cell, where its own keys go on
  const out = document.activeElement === box ? box.parentElement.closest("[tabindex]") : box;
  if (out) out.focus({preventScroll: true}); else box.blur();
}

const OTHER_KEYS = [ // for the help
  ["↑ ↓ ← → PageUp PageDown Home End", "Scroll; the wheel too, once the image or its toolbar has the focus"],
  [", .", "One step along the first dimension: time, echo, detector, …"],
  ["+ −", "Zoom; Ctrl + wheel and pinch too"],
  ["1 … 9", "Window presets"],
  ["Drag", "A measurement by its line, its points or its words; a double click on its words puts them beside it again"],
  ["Ctrl + Z", "Take back what was done to measurements last: drawn, moved, removed"],
  ["Shift + arrows, Enter", "The tool without a mouse: move its cursor, press and release"],
  ["k K", "Slab of three planes: its thickness, and what is shown of it (MPR)"],
  ["Esc, Tab", "Leave the image; Esc in the toolbar goes to the image"],
  ["exact", "Bottom right: stored values, one pixel of the image in whole pixels of the screen; else resampled, from a lossy source, or read by a guess"],
];
