// Tools: what the left button does. `types.d.ts` says what a row has (`Tool`), and what it gets (`Press`); `group` and
// `rank` say where its button stands: see toolbar/buttons.js.
import { cents } from "../../core/numbers.js";
import { levelsOf, windowOver } from "../../core/window.js";
import { crossAt } from "../state/crosshair.js";
import { axesIn, zoomAt } from "../state/zooming.js";
import { magnifying } from "./magnifier.js";
import { measuring } from "./measuring.js";

/**
 * The window that the hand starts from; a LUT has no width, a colour no window.
 * @type {(press: Press) => VoiWindow | null}
 */
function shownWindow({ s, picture }) {
  const shown = picture && (s.windowOf(picture) ?? picture.voi);
  if (!shown) return null;
  return shown.width ? /** @type {VoiWindow} */ (shown) : picture.linear;
}

/** Extensions add rows to it. @type {Record<string, Tool>} */
export const TOOLS = {
  window: {
    label: "Window",
    icon: "contrast",
    group: "view",
    key: "w",
    rank: 1,
    code: "viewport.window = (40, 400)",
    hint: "Window/level: drag across for width, up and down for level",
    down: shownWindow,
    move: ({ s, start, dx, dy }) => {
      if (!start) return;
      const { center, width, function: kind } = start;
      const gain = Math.max(width, 1) / 300;
      const lowest = kind === "LINEAR" ? 1 : 0.01;
      const wide = Math.max(lowest, cents(width + dx * gain));
      s.change({ look: { ...s.look, window: { center: cents(center + dy * gain), width: wide, function: kind } } });
    },
  },
  levels: {
    label: "Levels",
    icon: "sliders-vertical",
    group: "view",
    key: "u",
    rank: 3,
    code: "viewport.window = dw.Window.over(0, 100)",
    hint: "Upper and lower level: drag up and down for the upper one, across for the lower one",
    down: shownWindow,
    move: ({ s, start, dx, dy }) => {
      if (!start) return;
      const { low, high } = levelsOf(start);
      const gain = Math.max(start.width, 1) / 300;
      const upper = cents(high - dy * gain);
      const lower = Math.min(cents(low + dx * gain), upper - 0.01);
      s.change({ look: { ...s.look, window: windowOver(lower, upper) } });
    },
  },
  pan: {
    label: "Pan",
    icon: "move",
    group: "view",
    key: "p",
    rank: 1,
    code: "viewport.pan = (10, 0)",
    hint: "Pan: drag the image (also the middle button)",
    cursor: "move",
    down: ({ s }) => s.pan,
    move: ({ s, view, picture, start, dx, dy, dpr }) => {
      if (!picture) return;
      s.moving = true;
      const pan = [start[0] + dx * dpr, start[1] + dy * dpr];
      s.change({ pan, zoom: s.zoom ?? axesIn(s, view, picture).zoom });
    },
  },
  zoom: {
    label: "Zoom",
    icon: "zoom-in",
    group: "view",
    key: "z",
    rank: 1,
    code: "viewport.zoom = 2",
    hint: "Zoom: drag up and down (also the right button, Ctrl+wheel, pinch)",
    cursor: "ns-resize",
    down: ({ screen }) => screen,
    move: ({ s, view, picture, start, sy }) => {
      if (!picture) return;
      s.moving = true;
      zoomAt(s, view, picture, 1.01 ** -sy, start);
    },
  },
  scroll: {
    label: "Scroll",
    icon: "arrow-up-down",
    group: "view",
    key: "s",
    rank: 1,
    code: "viewport.index = 0",
    hint: "Scroll: drag up and down (also the wheel and the arrow keys)",
    pages: true,
    cursor: "ns-resize",
    down: ({ s }) => s.index,
    move: ({ s, start, dy }) => s.scroll(start + dy / 8),
  },
  magnifier: {
    label: "Magnifier",
    icon: "scan-search",
    group: "view",
    key: "g",
    code: "viewport.zoom = 4",
    hint: "Magnifier: the picture around the pointer, four times as large, while the button is held",
    cursor: "zoom-in",
    ...magnifying,
  },
  crosshair: {
    label: "Crosshair",
    icon: "crosshair",
    group: "view",
    key: "c",
    code: "mpr.position = (0, 0, 0)",
    hint: "Crosshair: click or drag; the other planes follow (MPR)",
    shown: (s) => s.cross,
    click: true,
    cursor: "crosshair",
    down: crossAt,
    move: crossAt,
  },
  probe: {
    label: "Probe",
    icon: "pipette",
    group: "measure",
    key: "x",
    code: "viewport.measure('probe', (10, 20))",
    hint: "Probe: a click leaves a mark with the value of the pixel",
    ...measuring("probe"),
  },
  length: {
    label: "Length",
    icon: "ruler",
    group: "measure",
    key: "l",
    rank: 1,
    code: "viewport.measure('length', (10, 20), (90, 20))",
    hint: "Length: drag, or click both ends",
    ...measuring("length"),
  },
  angle: {
    label: "Angle",
    icon: "drafting-compass",
    group: "measure",
    key: "a",
    code: "viewport.measure('angle', (10, 20), (90, 20), (90, 60))",
    hint: "Angle: three clicks, the second one at its corner; or drag the first leg, then click",
    ...measuring("angle"),
  },
  rectangle: {
    label: "Rectangle",
    icon: "square",
    group: "measure",
    key: "b",
    code: "viewport.measure('rectangle', (10, 20), (90, 60))",
    hint: "Rectangle: mean, SD, smallest and largest value, area; drag, or click two corners",
    ...measuring("rectangle"),
  },
  ellipse: {
    label: "Ellipse",
    icon: "circle",
    group: "measure",
    key: "e",
    code: "viewport.measure('ellipse', (10, 20), (90, 60))",
    hint: "Ellipse: the same; drag, or click two corners of its box",
    ...measuring("ellipse"),
  },
};
