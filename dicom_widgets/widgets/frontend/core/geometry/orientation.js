export function orientationOf(picture, look) { // the presentation state's turns and flip, then the user's
  const turns = picture.turns + (picture.flip ? -look.turns : look.turns);
  return {turns: ((turns % 4) + 4) % 4, flip: picture.flip !== look.flip};
}

export const lying = ({columns, rows}, {turns, flip}) => ([u, v]) => { // a point of the image after its turns and flip
  let w = columns, h = rows;
  for (let i = 0; i < turns; i++) [u, v, w, h] = [h - v, u, h, w];
  return [flip ? w - u : u, v];
};

const SIDES = ["left", "top", "right", "bottom"];

export function lyingSide(side, turns, flip) { // where an edge of the stored image lies
  const place = (SIDES.indexOf(side) + turns) % 4;
  return SIDES[flip && place % 2 === 0 ? 2 - place : place];
}

const OPPOSITE = {L: "R", R: "L", A: "P", P: "A", H: "F", F: "H"};

export function lettersOf(picture, view) { // at the left, top, right and bottom edge
  const {turns, flip} = orientationOf(picture, view.look), other = s => [...s].map(c => OPPOSITE[c]).join("");
  const [row, column] = picture.runs;
  let around = [other(row), other(column), row, column];
  for (let i = 0; i < turns; i++) around = [around[3], ...around.slice(0, 3)];
  return flip ? [around[2], around[1], around[0], around[3]] : around;
}
