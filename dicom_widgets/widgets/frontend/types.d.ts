// The values that the modules hand each other, and the messages between page and kernel. Global, as no module owns
// them.

/** (x, y), or (x, y, z) in the patient. Image coordinates begin at the outer corner of the first pixel. */
type Point = number[];

/** An array with a number for each pixel. */
type Values = Int16Array | Uint8Array | Uint16Array | Uint32Array | Float64Array | Int32Array;

// ------------------------------------------------------------------------------------------- what a frame message says

interface VoiWindow {
  center: number;
  width: number;
  function: "LINEAR" | "LINEAR_EXACT" | "SIGMOID";
  explanation?: string;
  lut?: undefined;
}

/** A VOI LUT in the place of a window: its number, from 1. */
interface VoiLut {
  lut: number;
  explanation: string;
  width?: undefined;
  center?: undefined;
  function?: undefined;
}

/** A table of the grayscale pipeline; its entries travel in a buffer. */
interface TableHead {
  first: number;
  bits: number;
  explanation: string;
  width?: undefined;
}

/** Stored value -> modality value: a straight line, or a table that begins at `first`. */
interface ModalityStage {
  slope: number;
  intercept: number;
  first: number;
}

interface Spacing {
  down: number;
  across: number;
  unit: "mm" | "px";
  label: string;
  source: string;
}

/** What is shown before the hand moves anything: a displayed area, or how an image hangs. */
interface Home {
  area: number[] | null;
  magnification: number | null;
  millimetres: number | null;
  side: "" | Side;
  extent: number[] | null;
}
type Side = "left" | "top" | "right" | "bottom";

interface AxisUnit {
  unit: string;
  delta: number;
  origin: number;
  value: number;
}

/** A part of an ultrasound image with scales of its own (PS3.3 C.8.5.5); right and bottom are inclusive. */
interface UltrasoundRegion {
  left: number;
  top: number;
  right: number;
  bottom: number;
  x: AxisUnit;
  y: AxisUnit;
}

interface RealWorldMapping {
  name: string;
  unit: string;
  first: number | null;
  last: number | null;
  slope: number;
  intercept: number;
}

/** Mask frames, offset, contrast frames, and by how many pixels (down, left) the mask is moved. */
type SubtractionMessage = [number[], number | null, number, number[]];

/** What the values and distances of a frame mean, whatever it is looked at with. */
interface Meaning {
  instance: string;
  frame: number;
  modality: ModalityStage | null;
  unit: string;
  padding: number[] | null;
  aspect: number;
  plane: Point[] | null;
  pitch: number[] | null;
  regions: UltrasoundRegion[];
  suv: number | null;
  note: string;
  subtraction: SubtractionMessage | null;
  difference: string;
  tile: number[] | null;
  real: RealWorldMapping[];
}

interface Shadow {
  offset: number[];
  outlined: boolean;
  color: string;
  opacity: number;
}

interface Stroke {
  color: string;
  width?: number | null;
  opacity?: number;
  dashes?: number[];
  between?: string;
  filled?: boolean;
  inside?: string;
  covering?: number;
  stipple?: number[];
  behind?: string;
  behind_covering?: number;
  shadow?: Shadow | null;
}

interface Outline extends Stroke {
  points: Point[];
  layer?: string;
  group?: string;
}

interface Label {
  points?: undefined;
  words: string;
  at: Point;
  color: string;
  layer?: string;
  group?: string;
  size?: number;
  family?: string;
  bold?: boolean;
  italic?: boolean;
  underlined?: boolean;
  /** The other corner of the box that the words stand in. */
  opposite?: Point | null;
  justified?: "LEFT" | "CENTER" | "RIGHT";
  lifted?: number;
  leader?: Point | null;
  /** The figure that the words belong to: they lie beside it, unless they are placed. */
  around?: Point[];
  placed?: boolean;
  shadow?: Shadow | null;
}
type Shape = Outline | Label;

interface OverlayLayer {
  name: string;
  opacity: number;
  smooth: boolean;
  words: string;
  colors: string;
}

interface Cover {
  name: string;
  color: string;
}

/** A frame as it is presented, with all that is painted and said of it; of a page, `page` and `label` alone count. */
interface Picture {
  key: string;
  buffer: string;
  /** Rows and columns that lie between those which have come; 0 is the whole frame. */
  preview: number;
  page?: string;
  label: string;
  tables: Record<string, any>;
  format: string;
  chain: string;
  signed: boolean;
  modality: ModalityStage;
  voi: VoiWindow | (TableHead & { lut?: undefined; center?: undefined; function?: undefined }) | null;
  presentation: TableHead | null;
  palette: number | null;
  luts: TableHead[];
  linear: VoiWindow;
  inverse: boolean;
  padding: number[] | null;
  windows: (VoiWindow | VoiLut)[];
  base: number;
  rows: number;
  columns: number;
  strideX: number;
  strideY: number;
  smooth: boolean;
  layers: OverlayLayer[];
  covers: Cover[];
  home: Home | null;
  turns: number;
  flip: boolean;
  aspect: number;
  spacing: Spacing;
  meaning: Meaning;
  /** Letters of where rows and columns of the stored image run to. */
  runs: [string, string];
  /** Corner -> lines. */
  texts: Record<string, string[]>;
  shapes: Shape[];
  switches: Record<string, string>;
  state: Record<string, string>;
  fidelity: string;
}

/** A part of a message: its name, its type, and its byte planes where it is deflated. */
type Part = [name: string, type: string, planes: number];

interface FrameMessage extends Omit<Picture, "tables"> {
  type: "frame" | "values";
  parts: Part[];
  more: boolean;
}

/** A frame comes next, within so many ms. */
interface MarkMessage {
  type: "mark";
  key: string;
  within: number;
}

// ------------------------------------------------------------------------------------------------------- measurements

type Quantity = [name: string, value: number, unit: string];

interface Figures {
  quantities: Quantity[];
  label: string;
  source: string;
  why: string;
}

interface Measurement {
  uid: string;
  kind: string;
  points: Point[];
  instance: string;
  frame: number;
  label: string;
  subtraction: SubtractionMessage | null;
  text_at?: Point | null;
  /** The kernel's; without them the page computes its own. */
  figures?: Figures;
}

/** What the kind of a measurement is asked for: its points from the centre of the first pixel, and the frame. */
interface Measured {
  picture: Picture;
  spacing: Spacing;
  why: string;
  values: () => FrameValues;
  /** The figures of the pixels in a region. */
  region(region: Region): Figures;
}

/** A region of any shape, dents and holes included, in pixels from the centre of the first one. */
interface Region {
  box: { left: number; right: number; top: number; bottom: number };
  /** In pixels. */
  area: number;
  /** The columns of a row that are inside: [from, to], both ends included. */
  spans(row: number): number[][];
}

/** A kind of measurement, whole. */
interface MeasurementKind {
  /** How many points it has; with `more`, how many it has at least. */
  points: number;
  /** Whether it may have any number of points: then it is traced by dragging. */
  more?: boolean;
  /** Whether its figures depend on values, and so on what is subtracted. */
  valued: boolean;
  /** The lines that are drawn. */
  outline(points: Point[]): Point[][];
  figures(points: Point[], measured: Measured): Figures;
}

interface MeasuredMessage {
  type: "measured";
  echo: [client: string, n: number] | null;
  all: number | null;
  changes: { uid: string; revision: number; mark: Measurement | null }[];
}

/** How values of a picture are read. */
interface FrameValues {
  data: Values;
  color: boolean;
  grey: boolean;
  /** 16-bit pattern -> stored value. */
  stored(code: number): number;
  /** The stored value at a pixel, or the word of a colour. */
  at(column: number, row: number): number;
  isPadding(stored: number): boolean;
  /** Stored value -> modality value. */
  modality(stored: number): number;
  real: (RealWorldMapping & { of(stored: number): number })[];
}

// ------------------------------------------------------------------------------------------------- the state of a view

interface Look {
  window: VoiWindow | VoiLut | null;
  invert: boolean;
  turns: number;
  flip: boolean;
  hidden: string[];
}
type Zoom = number | "true size" | null;

/** How an image lies on a screen: all that the axes depend on. */
interface Geometry {
  look: Pick<Look, "turns" | "flip">;
  zoom: Zoom;
  pan: Point;
  pitch: number | null;
}

/** One axis of the screen over one axis of the turned image. */
interface Axis {
  count: number;
  scale: number;
  start: number;
  size: number;
  stride: number;
  back: boolean;
  /** The screen coordinate that a zoom holds. */
  anchor: number;
}

interface Axes {
  x: Axis;
  y: Axis;
  zoom: number;
  turns: number;
  flip: boolean;
}

/** Where the frames of a series lie in the patient. */
interface FramePositions {
  grids: (number | string)[][];
  at: (number[] | null)[];
}

/** Where one frame lies in the patient, in mm. */
interface FramePlane {
  row: Point;
  column: Point;
  normal: Point;
  position: Point;
  down: number;
  across: number;
  rows: number;
  columns: number;
  space: string;
}

/** The axes along which the frames of a stack differ; values are places from 0. */
interface Dimensions {
  from: number;
  axes: { name: string; values: number[]; labels: string[] }[];
}

interface Cine {
  frames: number[];
  delays: number[];
  sweep: boolean;
}

interface Box {
  x: number;
  y: number;
  wide: number;
  high: number;
}

interface PresentationState {
  uid: string;
  label: string;
  description: string;
  created: string;
  refused: string;
}

interface Crosshair {
  group: string;
  plane: string;
  down: string;
  across: string;
  /** Plane -> thickness of its slab in voxels. */
  thick: Record<string, number>;
}

interface SeriesMessage {
  sid: string;
  frames: string[];
  sizes: number[];
  labels: string[];
  missing: { from: number; to: number; words: string }[];
  dims: Dimensions[];
  cine: Cine | null;
  cross: Crosshair | null;
  cut?: string;
  places?: FramePositions | null;
  modality?: string;
  tiled?: boolean;
}

interface StateMessage extends Record<string, any> {
  type: "state";
  seq: number;
  /** Names of the view's state, which the page reports when the hand rests. */
  fields: string[];
  series?: SeriesMessage;
  states?: PresentationState[];
  subtraction: { on: boolean; able: boolean; run: boolean };
  note?: string;
  more: boolean;
  pitch: number | null;
  settled: Record<string, number>;
}

// ------------------------------------------------------------------------------------------------------ rows of tables

type Surface = import("./view/state/surface.js").Surface;
type View = import("./view/view_elements.js").View;

/** A press on the image, as a tool gets it. */
interface Press {
  s: Surface;
  view: View;
  /** Null until it has come, and of a page. */
  picture: Picture | null;
  /** What `down` returned. */
  start: any;
  /** The pointer in device pixels. */
  screen: Point;
  /** The same in image coordinates. */
  image: Point | null;
  /** CSS pixels since `down`. */
  dx: number;
  dy: number;
  /** CSS pixels since the last move. */
  sx: number;
  sy: number;
  /** Device pixels for each CSS pixel. */
  dpr: number;
  grabbed: Grip | null;
}

/** What the left button does: a row of `TOOLS`, or what a press on something that can be grabbed does. */
interface Drag {
  /** The button goes down, or Enter at the keyboard's cursor; what it returns is `start` afterwards. */
  down(press: Press): any;
  move?(press: Press): void;
  /** The button comes up: only if anything moved, or if `click` is true. */
  up?(press: Press): void;
  /** Instead of `up` where it is given up: Escape, or a second finger. */
  drop?(press: Pick<Press, "s" | "view" | "start">): void;
  click?: boolean;
  /** Whether it works on a page too. */
  pages?: boolean;
}

interface Button {
  label?: string;
  icon?: string;
  hint: string;
  /** The line of a notebook that does the same. */
  code: string;
  group?: string;
  rank?: number;
  /** When there is a button. */
  shown?(s: Surface): any;
}

interface Tool extends Button, Drag {
  label: string;
  key: string;
  /** The pointer over the image, as CSS names it. */
  cursor?: string;
}

interface Command extends Button {
  keys: string[];
  pressed?(s: Surface): boolean;
  run(s: Surface, view: View): void;
}

/** What a press would take up: a measurement by a point, by its line (index null) or by its words (text), or a cut. */
interface Grip {
  mark?: Measurement;
  index?: number | null;
  text?: Point;
  cut?: Surface;
}

interface ExtensionsMessage {
  type: "extensions";
  tools: { name: string; label: string; key: string; script: string }[];
  measurements: { name: string; script: string }[];
}

// ---------------------------------------------------------------------------------------------------------- the runtime

/** A widget's model in the page, as anywidget gives it. */
interface Model {
  get(name: string): any;
  set(name: string, value: any): void;
  save_changes(): void;
  send(content: object, callbacks?: undefined, buffers?: ArrayBufferLike[]): void;
  on(name: string, listener: (...args: any[]) => void): void;
  off(name: string, listener: (...args: any[]) => void): void;
  widget_manager: WidgetManager;
  canvas?: unknown;
}

interface WidgetManager {
  has_model(id: string): boolean;
  get_model(id: string): Promise<Model>;
  create_view(model: Model): Promise<{ el: HTMLElement; remove(): void }>;
}

/** What a visible widget is mounted with. */
interface Mounting {
  model: Model;
  el: HTMLElement;
  signal: AbortSignal;
  /** The viewer in whose cell it stands. */
  cells?: Cells;
}
type Mount = (mounting: Mounting) => (() => void) | Promise<() => void>;

/** What a view may ask of the viewer that it stands in. */
interface Cells {
  uid: string;
  links(): string[];
  layout(): void;
  hang(): void;
  hung(): boolean;
  link(): void;
  take(view: View, surface: Surface): void;
}

/** What the widgets of one session in one document share. */
type Shared = import("./runtime/frame_pool.js").Shared;
type Measurements = import("./runtime/measurement_sync.js").MeasurementSync;

/** What an element is made with: its parent, its text, its listeners, and properties or attributes. */
interface MakeOptions {
  parent?: Element | null;
  text?: string | number;
  on?: Record<string, (e: any) => void>;
  [name: string]: any;
}

declare module "*.css" {
  const text: string;
  export default text;
}
