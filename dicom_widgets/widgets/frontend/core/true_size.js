// True size: a millimetre of the image is one of the screen. The twin of display/truesize.py. A pitch is in millimetres
// for each device pixel.
const TRUE = "true size", PROPORTION = 0.01;

function trueSize({home, spacing, aspect}, pitch) {
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
const isTrue = (view, picture) => view.zoom === TRUE || (view.zoom === null && !!picture.home?.millimetres); // whether it is meant to be

function trueText(s, picture) { // what is said of it
  if (!isTrue(s, picture)) return "";
  const {zoom, why} = trueSize(picture, s.pitch), {label} = picture.spacing;
  return zoom === null ? why : picture.home?.millimetres || !label ? "True size" : `True size (${label})`;
}

function toTrueSize(s, view) { // the command: there, and back to "fit"
  const {picture} = view, found = isImage(picture) ? trueSize(picture, s.pitch) : null;
  if (!found) return;
  if (s.zoom === TRUE) return s.fit();
  if (found.zoom === null && !trueSize(picture, 1).zoom) { // nothing that the user could calibrate
    s.note = found.why;
    return s.paint();
  }
  s.act({zoom: TRUE, pan: [0, 0]});
  if (found.zoom === null) view.calibrate(true);
}
