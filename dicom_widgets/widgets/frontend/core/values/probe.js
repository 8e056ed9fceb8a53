import { digits } from "../numbers.js";
import { rgbOf } from "../pixels.js";
import { inRegion, scaled } from "./regions.js";
import { isInside, valuesOf } from "./value_semantics.js";
import { page } from "../../runtime/page.js";

export function probeText(picture, image) { // the pixel at a point in image coordinates, in words; "" outside
  if (!picture?.meaning || !image) return "";
  if (picture.preview) return "no values yet: a preview";
  const [column, row] = image.map(Math.floor), {meaning} = picture;
  if (!isInside(picture, column, row) || !page.buffers.has(picture.buffer)) return "";
  const values = valuesOf(picture), stored = values.at(column, row), [across, down] = meaning.tile ?? [Infinity, Infinity], words = [`${column % across + 1}, ${row % down + 1}`];
  if (values.color) words.push(`RGB ${rgbOf(stored).join(", ")}`);
  else if (values.isPadding(stored)) words.push(meaning.difference ? "no difference" : `padding (${digits(stored, 6)})`);
  else if (values.grey) {
    const value = values.modality(stored);
    words.push(`${`${digits(value, 5)} ${meaning.unit}`.trim()} (${meaning.difference || `stored ${digits(stored, 6)}`})`);
    if (meaning.suv !== null) words.push(`SUVbw ${digits(value * meaning.suv, 3)}`);
    for (const {name, unit, of} of values.real) if (!isNaN(of(stored))) words.push(`${name} ${digits(of(stored), 5)} ${unit}`.trim());
    if (meaning.note) words.push(meaning.note);
  }
  const region = meaning.regions.find(r => inRegion(r)([column, row]));
  if (region) words.push([scaled(region.x, column), scaled(region.y, row)].map(([x, unit]) => `${digits(x, 4)} ${unit}`.trim()).join(" × "));
  if (meaning.plane) {
    const [origin, across, down] = meaning.plane, [r, c] = meaning.pitch;
    const [x, y, z] = [0, 1, 2].map(i => (origin[i] + c * column * across[i] + r * row * down[i]).toFixed(1));
    words.push(`x ${x}, y ${y}, z ${z} mm`);
  }
  return words.join(" · ");
}
