// True size: the zoom at which a millimetre of the image is one of the screen (PS3.3 C.10.4; requirement PS10). The
// twin of display/picture/true_size.py. A pitch is in millimetres for each device pixel.

export const TRUE = "true size";
/** By which pixels may be shown in another proportion than they measure. */
const PROPORTION = 0.01;

/**
 * Returns the zoom of true size, or why there is none.
 * @param {Pick<Picture, "home" | "spacing" | "aspect">} picture
 * @param {number | null} pitch
 * @returns {{zoom: number | null, why: string}}
 */
export function trueSize({ home, spacing, aspect }, pitch) {
  let across = home?.millimetres ?? null;
  if (across === null) {
    if (spacing.unit !== "mm") {
      return { zoom: null, why: `No true size: what a pixel measures is not known (${spacing.source})` };
    }
    if (Math.abs((aspect * spacing.across) / spacing.down - 1) > PROPORTION) {
      return { zoom: null, why: "No true size: its pixels are shown in another proportion than they measure" };
    }
    across = spacing.across;
  }
  if (!pitch) return { zoom: null, why: "Not true size: the screen is not calibrated [C]" };
  return { zoom: across / pitch, why: "" };
}

/**
 * Whether a view is meant to be in true size: the hand asked for it, or a presentation state.
 * @param {Pick<Geometry, "zoom">} view
 * @param {Pick<Picture, "home">} picture
 */
export const isTrue = (view, picture) => view.zoom === TRUE || (view.zoom === null && !!picture.home?.millimetres);

/**
 * Says whether the size is true, or why not; "" where it is not meant to be.
 * @param {Pick<Geometry, "zoom" | "pitch">} view
 * @param {Picture} picture
 */
export function trueText(view, picture) {
  if (!isTrue(view, picture)) return "";
  const { zoom, why } = trueSize(picture, view.pitch);
  const { label } = picture.spacing;
  if (zoom === null) return why;
  return picture.home?.millimetres || !label ? "True size" : `True size (${label})`;
}
