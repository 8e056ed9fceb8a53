// Commands: what a button or a key does at once. `types.d.ts` says what a row has (`Command`); without an icon there
// is no button. A number or an arrow is no command: see keys.js.
import { ICC, isMeasured } from "../../core/picture.js";
import { TRUE } from "../../core/true_size.js";
import { say } from "../../runtime/page.js";
import { toggleCine } from "../state/cine.js";
import { removeMark } from "../state/measurements.js";
import { below } from "../state/panels_below.js";
import { maskIs, subtract } from "../state/subtraction.js";
import { switchesOf, toggle } from "../state/switches.js";
import { toTrueSize } from "../state/zooming.js";
import { nextHandle } from "./grips.js";

const LEVELS = ["all", "minimal", "off"];

/**
 * Turns what is seen: the look turns before it flips, so a flipped one turns the other way.
 * @type {(s: Surface, by: number) => void}
 */
const turned = (s, by) => s.looking({ turns: (s.look.turns + (s.look.flip ? 4 - by : by)) % 4 });
/** @type {(s: Surface, turns: number) => void} */
const mirrored = (s, turns) => s.looking({ flip: !s.look.flip, turns: (s.look.turns + turns) % 4 });

/** @type {Record<string, Command>} */
export const COMMANDS = {
  fit: {
    label: "Fit",
    icon: "maximize",
    rank: 1,
    keys: ["f", "0"],
    code: "viewport.zoom, viewport.pan = 'fit', (0, 0)",
    hint: "Fit the image into the view",
    run: (s) => s.fit(),
  },
  true: {
    label: "True size",
    icon: "ruler-dimension-line",
    rank: 3,
    keys: ["M"],
    code: "viewport.zoom, viewport.pan = 'true size', (0, 0)",
    hint: "A millimetre of the image is one of the screen, once that is calibrated",
    pressed: (s) => s.zoom === TRUE,
    run: toTrueSize,
  },
  pixels: {
    keys: ["Z"],
    code: "viewport.zoom, viewport.pan = 1, (0, 0)",
    hint: "One pixel of the image for each of the screen (1:1)",
    run: (s) => s.act({ zoom: 1, pan: [0, 0] }),
  },
  calibrate: {
    keys: ["C"],
    code: "dw.options.pixel_pitch = 25.4 / 96",
    hint: "Calibrate the screen for true sizes: match a bar with a bank card or a ruler",
    run: (s, view) => view.calibrate(),
  },
  reset: {
    label: "Reset",
    icon: "undo-2",
    rank: 1,
    keys: ["r"],
    code: "viewport.reset()",
    hint: "Everything as it was presented; also a double click",
    run: (s) => s.reset(),
  },
  exact: {
    keys: ["W"],
    code: "viewport.window = (40, 400)",
    hint: "The window by numbers: width and center, lower and upper level",
    run: (s, view) => view.exact(),
  },
  invert: {
    label: "Invert",
    icon: "eclipse",
    rank: 1,
    keys: ["i"],
    code: "viewport.invert = True",
    hint: "Invert black and white",
    run: (s) => s.looking({ invert: !s.look.invert }),
  },
  right: {
    icon: "rotate-cw",
    keys: ["]"],
    code: "viewport.turns = 1",
    hint: "Turn clockwise",
    run: (s) => turned(s, 1),
  },
  left: {
    icon: "rotate-ccw",
    rank: 3,
    keys: ["["],
    code: "viewport.turns = 3",
    hint: "Turn counterclockwise",
    run: (s) => turned(s, 3),
  },
  flip: {
    icon: "flip-vertical-2", // Lucide names the axis that is drawn
    rank: 3,
    keys: ["h"],
    code: "viewport.flip = True",
    hint: "Flip left to right",
    run: (s) => mirrored(s, 0),
  },
  flop: {
    icon: "flip-horizontal-2",
    rank: 3,
    keys: ["v"],
    code: "viewport.flip, viewport.turns = True, 2",
    hint: "Flip top to bottom",
    run: (s) => mirrored(s, 2),
  },
  smooth: {
    label: "Smooth",
    icon: "waves",
    rank: 3,
    keys: ["m"],
    code: "viewport.interpolation = 'linear'",
    hint: "Smooth an enlarged image, or show its pixels",
    pressed: (s) => s.interpolation === "linear",
    run: (s) => s.act({ interpolation: s.interpolation === "linear" ? "area" : "linear" }),
  },
  texts: {
    label: "Texts",
    icon: "type",
    rank: 3,
    keys: ["n"],
    code: "viewport.texts = 'minimal'",
    hint: "Texts on the image: all, minimal, off",
    run: (s) => s.act({ texts: LEVELS[(LEVELS.indexOf(s.texts) + 1) % 3] }),
  },
  subtract: {
    label: "Subtracted",
    icon: "circle-minus",
    keys: ["y"],
    code: "viewport.subtraction = True",
    hint: "Subtract the mask, or show the frames as they are",
    shown: (s) => s.subtraction.able,
    pressed: (s) => s.subtraction.on,
    run: (s) => {
      if (s.subtraction.able) subtract(s, { on: !s.subtraction.on });
    },
  },
  mask: {
    label: "Mask",
    icon: "flag",
    rank: 3,
    keys: ["Y"],
    code: "viewport.subtraction = dw.Subtraction((viewport.frame,))",
    hint: "Take this frame as the mask, and subtract it",
    shown: (s) => s.subtraction.run,
    run: (s, { picture }) => {
      if (s.subtraction.run && isMeasured(picture)) subtract(s, maskIs(picture.meaning.frame));
    },
  },
  play: {
    label: "Play",
    icon: "play",
    rank: 1,
    keys: [" "],
    code: "viewport.playing = True",
    hint: "Play and stop",
    shown: (s) => s.sizes.length > 1,
    run: toggleCine,
  },
  layers: {
    keys: ["o"],
    code: "viewport.hidden = ('shutter',)",
    hint: "Shutter, overlays, annotations and reference lines off and on",
    run: (s, { picture }) => toggle(s, ...Object.keys(switchesOf(picture, s)).filter((name) => name !== ICC)),
  },
  tags: {
    label: "Tags",
    icon: "list-tree",
    group: "study",
    keys: ["t"],
    code: "dw.Tags(session, viewport.instance)",
    hint: "All elements of this instance",
    shown: (s) => s.more,
    run: (s) => {
      if (s.more) below(s, "tags");
    },
  },
  planes: {
    label: "MPR",
    icon: "axis-3d",
    group: "study",
    keys: ["q"],
    code: "dw.MPR(session, dw.Entity.of(*viewport.instance.path[:2]))",
    hint: "Three planes of this series, or why there are none",
    shown: (s) => s.more && s.sizes.length > 2,
    run: (s) => {
      if (s.more) below(s, "planes");
    },
  },
  tiles: {
    label: "Tiles",
    icon: "grid-3x3",
    group: "study",
    keys: ["G"],
    code: "viewport.tile()",
    hint: "Frames side by side, with one window; or one frame again",
    shown: (s) => s.tiled || (s.sizes.length > 1 && !s.cross),
    pressed: (s) => s.tiled,
    run: (s) => {
      if (s.tiled || s.sizes.length > 1) say(s.model, { type: "tiles" });
    },
  },
  hang: {
    label: "Hang",
    icon: "columns-2",
    group: "study",
    keys: ["H"],
    code: "viewer.hang()",
    hint: "Hang the four views of a mammography, chest walls in the middle; or take them down",
    shown: (s) => s.more && s.modality === "MG",
    pressed: (s) => [...s.views].some((v) => v.cells?.hung()),
    run: (s, view) => view.cells?.hang(),
  },
  next: {
    keys: ["j"],
    code: "viewport.measurements",
    hint: "The cursor to the next point of a measurement; Enter takes it up",
    run: nextHandle,
  },
  remove: {
    label: "Remove",
    icon: "trash-2",
    group: "measure",
    keys: ["Delete", "Backspace"],
    code: "session.measurements.remove(*viewport.measurements[-1:])",
    hint: "Remove the selected measurement",
    shown: (s) => s.shared.marks.all.has(s.selected),
    run: (s) => removeMark(s, s.selected),
  },
  layout: {
    keys: ["d"],
    code: "viewer.grid = (2, 2)",
    hint: "Rows and columns of a viewer",
    run: (s, view) => view.cells?.layout(),
  },
  link: {
    keys: ["k"],
    code: "dw.link(viewport, other)",
    hint: "Link all images of a viewer, or none: scroll, window, zoom and pan",
    run: (s, view) => view.cells?.link(),
  },
  help: {
    label: "Help",
    icon: "circle-question-mark",
    group: "study",
    rank: 3,
    keys: ["?", "F1"],
    code: "help(dw.Viewport)",
    hint: "Tools and keys",
    run: (s, view) => view.help(),
  },
};
