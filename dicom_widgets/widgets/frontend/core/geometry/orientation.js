// How an image lies on the screen: quarter turns clockwise, then a flip from left to right.

/**
 * Returns the turns and the flip of a presentation state with the user's on top of them.
 * @param {Pick<Picture, "turns" | "flip">} picture
 * @param {Pick<Look, "turns" | "flip">} look
 */
export function orientationOf(picture, look) {
  const turns = picture.turns + (picture.flip ? -look.turns : look.turns);
  return { turns: ((turns % 4) + 4) % 4, flip: picture.flip !== look.flip };
}

/**
 * Returns where a point of the stored image lies after its turns and flip.
 * @param {Pick<Picture, "rows" | "columns">} picture
 * @param {{turns: number, flip: boolean}} orientation
 * @returns {(point: Point) => Point}
 */
export const lying =
  ({ columns, rows }, { turns, flip }) =>
  ([u, v]) => {
    let w = columns;
    let h = rows;
    for (let i = 0; i < turns; i++) [u, v, w, h] = [h - v, u, h, w];
    return [flip ? w - u : u, v];
  };

/** @type {Side[]} */
const SIDES = ["left", "top", "right", "bottom"];

/** @type {(side: Side, turns: number, flip: boolean) => Side} Where an edge of the stored image lies. */
export function lyingSide(side, turns, flip) {
  const at = (SIDES.indexOf(side) + turns) % 4;
  return SIDES[flip && at % 2 === 0 ? 2 - at : at];
}

/** @type {Record<string, string>} */
const OPPOSITE = { L: "R", R: "L", A: "P", P: "A", H: "F", F: "H" };

/**
 * Returns the orientation letters at the left, top, right and bottom edge.
 * @param {Picture} picture
 * @param {Pick<Geometry, "look">} view
 */
export function lettersOf(picture, view) {
  const { turns, flip } = orientationOf(picture, view.look);
  const other = (/** @type {string} */ letters) => [...letters].map((c) => OPPOSITE[c]).join("");
  const [row, column] = picture.runs;
  let around = [other(row), other(column), row, column];
  for (let i = 0; i < turns; i++) around = [around[3], ...around.slice(0, 3)];
  return flip ? [around[2], around[1], around[0], around[3]] : around;
}
