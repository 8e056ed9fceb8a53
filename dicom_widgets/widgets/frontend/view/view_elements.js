// One view in the page: its elements, and what its parts give it.
import { make, write } from "../dom/elements.js";

const CORNERS = ["tl", "tr", "bl", "br"];
const EDGES = ["left", "top", "right", "bottom"];

export class View {
  /** @type {ImageData | undefined} */
  image = undefined;
  /** The pixels of the image. */
  out = new Uint32Array();
  /**
   * Means that were made last: they depend on the geometry only.
   * @type {{geometry: string, index: Int32Array} | undefined}
   */
  reduction = undefined;
  /** @type {{name: string, words: Map<string, Int32Array>} | undefined} */
  layers = undefined;
  /** @type {{name: string, words: Uint32Array} | undefined} */
  cover = undefined;
  /** Where words of shapes lie. @type {Box[]} */
  taken = [];
  /** Where the words of measurements lie, by their uid. @type {Map<string, Box>} */
  written = new Map();
  /** What lies under the pointer: the uid of a measurement, or a cut. @type {string | Surface | undefined} */
  over = undefined;
  /** The handle on which the keyboard's cursor stands. */
  handle = "";
  /** The windows in the menu. @type {(VoiWindow | VoiLut)[] | undefined} */
  windows = undefined;

  /**
   * @param {Element} el
   * @param {Model} model
   * @param {Cells | undefined} cells the viewer in whose cell it stands, which has the toolbar above all of them
   * @param {Surface} s
   */
  constructor(el, model, cells, s) {
    this.cells = cells;
    this.s = s;
    const root = make("div", { parent: el, className: "dw-viewport" });
    this.root = root;
    this.bar = make("div", { parent: cells ? null : root, className: "dw-bar" });
    const box = make("div", { parent: root, className: "dw-surface", tabIndex: 0, role: "application" });
    this.box = box;
    root.style.width = model.get("width");
    const height = model.get("height"); // a share is one of a viewer's cell; outside of it there is nothing to share
    box.style.height = cells || !height.endsWith("%") ? height : "512px";
    this.canvas = make("canvas", { parent: box, className: "dw-pixels" });
    this.graphics = make("canvas", { parent: box, className: "dw-graphics" });
    const corner = (/** @type {string} */ name) =>
      make("div", { parent: box, className: `dw-corner dw-${name}` }, make("div", { className: "dw-lines" }));
    this.corners = Object.fromEntries(CORNERS.map((name) => [name, corner(name)]));
    this.letters = EDGES.map((edge) => make("div", { parent: box, className: `dw-letter dw-${edge}` }));
    this.scale = make("div", { parent: box, className: "dw-scale", hidden: true });
    this.sheet = make("div", { parent: box, className: "dw-sheet", hidden: true });
    this.mark = make("div", { parent: box, className: "dw-cursor", hidden: true });
    this.said = make("div", { parent: this.corners.bl, className: "dw-probe" });
    this.lens = make("canvas", { parent: box, className: "dw-lens", hidden: true });
    this.note = make("div", { parent: box, className: "dw-note", hidden: true, role: "status" });
    this.live = make("div", { parent: root, className: "dw-live", "aria-live": "polite" });
    /** The rows of controls in the toolbar. @type {HTMLElement} */
    this.controls = this.bar;
  }

  get picture() {
    return this.s.picture;
  }

  // What the parts of a view give it.

  paint = () => {};
  /** Brings the toolbar up to date with the state of the view. */
  update = () => {};
  /** Brings the toolbar up to date with a picture. @type {(picture: Picture) => void} */
  follow = () => {};
  /** Tells a screen reader what is shown. */
  announce = () => {};
  /** Tells the kernel the size of the view. */
  sized = () => {};
  /** Says again what lies under the pointer. */
  reread = () => {};
  /** Shows the pointer of the tool. */
  point = () => {};
  /** The pointer is somewhere else: in image coordinates, or away. @type {(image: Point | null) => void} */
  hover = () => {};
  /** Brings the keyboard's cursor to a handle. @type {(screen: Point) => void} */
  stand = () => {};
  /** Opens and closes the help; returns whether that changed anything. @type {(open?: boolean) => boolean} */
  help = () => false;
  /** The same of the calibration. @type {(open?: boolean) => boolean} */
  calibrate = () => false;
  /** Opens the window by numbers. */
  exact = () => {};

  /** Shows the keyboard's cursor, in device pixels of the view. @param {Point | null} at */
  cursor(at) {
    const { mark } = this;
    mark.hidden = !at;
    if (at) [mark.style.left, mark.style.top] = at.map((p) => `${p / window.devicePixelRatio}px`);
  }

  /** Says that nothing has come yet, unless an image is there. */
  waiting() {
    const { note, s } = this;
    const nothing = this.cells ? "Drag a series here, or choose one in the list" : "Nothing to show yet";
    note.hidden = s.sizes.length > 0 && !s.note && "index" in this.canvas.dataset;
    write(note, s.note || (s.sizes.length ? "Loading …" : nothing));
  }
}
