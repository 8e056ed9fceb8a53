export const TRUE = "true size";

const PROPORTION = 0.01;

export function trueSize({home, spacing, aspect}, pitch) {
  let across = home?.millimetres ?? null;
  if (across === null) {
    if (spacing.unit !== "mm") return {zoom: null, why: `No true size: what a pixel measures is not known (${spacing.source})`};
    if (Math.abs(aspect * spacing.across / spacing.down - 1) > PROPORTION) {
      return {zoom: null, why: "No true size: its pixels are shown in another proportion than they measure"};
    }
    across = spacing.across;
  }
  if (!pitch) return {zoom: null, why: "Not true size: the screen is not calibrated [C]"};
  return {zoom: across / pitch, why: ""};
}

export const isTrue = (view, picture) => view.zoom === TRUE || (view.zoom === null && !!picture.home?.millimetres); // whether it is meant to be

export function trueText(s, picture) { // what is said of it
  if (!isTrue(s, picture)) return "";
  const {zoom, why} = trueSize(picture, s.pitch), {label} = picture.spacing;
  return zoom === null ? why : picture.home?.millimetres || !label ? "True size" : `True size (${label})`;
}
