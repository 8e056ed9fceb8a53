// The pixel at a point in words: the twin of display/values/probe.py, so that a hand is told while the kernel is busy.
import { digits } from "../numbers.js";
import { rgbOf } from "../pixels.js";
import { regionAt, scaled } from "./regions.js";
import { isInside, valuesOf } from "./value_semantics.js";

/**
 * @param {Picture | null | undefined} picture
 * @param {Point | null} image a point in image coordinates
 * @param {Values | undefined} data the picture's stored values; undefined where the page has dropped them
 * @returns {string} "" outside of the image
 */
export function probeText(picture, image, data) {
  if (!picture?.meaning || !image) return "";
  if (picture.preview) return "no values yet: a preview";
  const [column, row] = image.map(Math.floor);
  if (!isInside(picture, column, row) || !data) return "";
  const { meaning } = picture;
  const [wide, high] = meaning.tile ?? [Infinity, Infinity];
  const words = [`${(column % wide) + 1}, ${(row % high) + 1}`, ...valueWords(picture, column, row, data)];
  const region = regionAt(meaning.regions, [column, row]);
  if (region) {
    const scales = [scaled(region.x, column), scaled(region.y, row)];
    words.push(scales.map(([x, unit]) => `${digits(x, 4)} ${unit}`.trim()).join(" × "));
  }
  if (meaning.plane) {
    const [origin, across, down] = meaning.plane;
    const [r, c] = /** @type {number[]} */ (meaning.pitch);
    const [x, y, z] = [0, 1, 2].map((i) => (origin[i] + c * column * across[i] + r * row * down[i]).toFixed(1));
    words.push(`x ${x}, y ${y}, z ${z} mm`);
  }
  return words.join(" · ");
}

/** @type {(picture: Picture, column: number, row: number, data: Values) => string[]} */
function valueWords(picture, column, row, data) {
  const { meaning } = picture;
  const values = valuesOf(picture, data);
  const stored = values.at(column, row);
  if (values.color) return [`RGB ${rgbOf(stored).join(", ")}`];
  if (values.isPadding(stored)) return [meaning.difference ? "no difference" : `padding (${digits(stored, 6)})`];
  if (!values.grey) return [];
  const value = values.modality(stored);
  const origin = meaning.difference || `stored ${digits(stored, 6)}`;
  const words = [`${`${digits(value, 5)} ${meaning.unit}`.trim()} (${origin})`];
  if (meaning.suv !== null) words.push(`SUVbw ${digits(value * meaning.suv, 3)}`);
  for (const { name, unit, of } of values.real) {
    if (!isNaN(of(stored))) words.push(`${name} ${digits(of(stored), 5)} ${unit}`.trim());
  }
  if (meaning.note) words.push(meaning.note);
  return words;
}
