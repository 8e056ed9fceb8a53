import { clamp } from "../numbers.js";
import { touch } from "../../runtime/buffers.js";

export function valuesOf(picture) { // how values of a picture are read: what a 16-bit pattern stands for, and what that means
  const {meaning, tables, base, strideX, strideY} = picture, data = touch(picture), {coded, meant} = tables;
  const [low, high] = meaning.padding ?? [1, 0], line = meaning.modality, last = meant ? meant.length - 1 : 0;
  const stored = coded ? code => coded[code] : data instanceof Int16Array ? code => code << 16 >> 16 : code => code;
  const raw = (column, row) => data[base + row * strideY + column * strideX];
  return {
    data, stored, color: picture.format === "rgb", grey: picture.format !== "rgb" && !!line,
    at: coded ? (column, row) => coded[raw(column, row)] : raw, // the stored value, or a colour's word
    isPadding: stored => stored >= low && stored <= high,
    real: meaning.real.map((m, i) => ({...m, of: realWorld(m, tables[`real${i}`])})),
    modality: meant ? s => meant[clamp(Math.floor(s + 0.5) - line.first, 0, last)] : s => s * line.slope + line.intercept,
  };
}

function realWorld({first, last, slope, intercept}, table) { // stored -> real world value, NaN where it is not mapped
  const mapped = s => (first === null || s >= first) && (last === null || s <= last);
  const value = table ? s => table[clamp(Math.floor(s - first + 0.5), 0, table.length - 1)] : s => s * slope + intercept;
  return s => mapped(s) ? value(s) : NaN;
}

export const isInside = ({rows, columns}, column, row) => column >= 0 && row >= 0 && column < columns && row < rows;
