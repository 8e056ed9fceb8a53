import { BLACK } from "../pixels.js";
import { reduced, reducedColor } from "./area.js";
import { linear, linearColor } from "./linear.js";
import { OUT } from "./nearest.js";

// How screen pixels are made of image pixels: "area" is the mean of several, "linear" lies between four.
export const wayOf = ({interpolation}, {zoom, x, y}) =>
  zoom < 1 ? "area" : interpolation === "linear" && Math.max(x.scale, y.scale) > 1 ? "linear" : "nearest";

export function mixed({format, base, padding}, data, {x, y}, way) {
  if (format === "rgb") return (way === "area" ? reducedColor : linearColor)(data, base, x, y);
  return (way === "area" ? reduced : linear)(data, base, x, y, padding);
}

export function paintReduced(index, lut, out, invert = 0) {
  if (lut) for (let i = 0; i < index.length; i++) out[i] = index[i] === OUT ? BLACK : lut[index[i]];
  else for (let i = 0; i < index.length; i++) out[i] = index[i] === OUT ? BLACK : index[i] ^ invert;
}
