// The value of the pixel at a point (requirement ME1).
import { digits } from "../numbers.js";
import { rgbOf } from "../pixels.js";
import { regionAt, scaled } from "../values/regions.js";
import { isInside } from "../values/value_semantics.js";
import { noFigures } from "./figures.js";

/** @type {MeasurementKind} */
export const probe = {
  points: 1,
  valued: true,
  outline: ([[x, y]]) => [
    [
      [x - 2, y],
      [x + 2, y],
      [x, y],
      [x, y - 2],
      [x, y + 2],
    ],
  ],
  figures: ([at], measured) => {
    const { picture } = measured;
    const { meaning } = picture;
    const [column, row] = at.map((x) => Math.floor(x + 0.5));
    if (!isInside(picture, column, row)) return noFigures("outside of the image");
    const { quantities, why } = valuesAt(picture, measured.values(), column, row);
    const region = regionAt(meaning.regions, [column, row]);
    if (region) {
      quantities.push(["horizontal", ...scaled(region.x, column)], ["vertical", ...scaled(region.y, row)]);
    }
    return { quantities, label: "", source: "", why };
  },
};

/**
 * @type {(picture: Picture, values: FrameValues, column: number, row: number) => Pick<Figures, "quantities" | "why">}
 */
function valuesAt({ meaning }, values, column, row) {
  const why = meaning.difference || meaning.note;
  const stored = values.at(column, row);
  const names = ["red", "green", "blue"];
  if (values.color) return { quantities: rgbOf(stored).map((x, i) => [names[i], x, ""]), why };
  if (values.isPadding(stored)) {
    return { quantities: [], why: meaning.difference ? `no difference: ${why}` : `padding (${digits(stored, 6)})` };
  }
  if (!values.grey) return { quantities: [], why };
  const value = values.modality(stored);
  /** @type {Quantity[]} */
  const quantities = [["value", value, meaning.unit]];
  if (meaning.suv !== null) quantities.push(["SUVbw", value * meaning.suv, "g/ml"]);
  for (const { name, unit, of } of values.real) if (!isNaN(of(stored))) quantities.push([name, of(stored), unit]);
  return { quantities, why };
}
