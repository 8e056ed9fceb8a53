// Buffers of a message as the arrays that they are.
import { BLACK, SHIFTS } from "../core/pixels.js";

/** @type {Record<string, any>} */
const ARRAYS = {
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  float64: Float64Array,
};

/**
 * Reads a part of a message.
 * @param {string} type a dtype; "bits" are eight pixels a byte, the lowest bit first; "rgb" are three bytes a pixel
 * @param {DataView | Uint8Array} view
 * @returns {Values}
 */
export function typed(type, view) {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  if (type === "bits") {
    const out = new Uint8Array(8 * bytes.length);
    for (let i = 0; i < out.length; i++) out[i] = (bytes[i >> 3] >> (i & 7)) & 1;
    return out;
  }
  if (type === "rgb") {
    const out = new Uint32Array(bytes.length / 3);
    const [r, g, b] = SHIFTS;
    for (let i = 0, k = 0; i < out.length; i++, k += 3) {
      out[i] = BLACK | (bytes[k] << r) | (bytes[k + 1] << g) | (bytes[k + 2] << b);
    }
    return out;
  }
  const Kind = ARRAYS[type];
  if (view.byteOffset % Kind.BYTES_PER_ELEMENT) return new Kind(bytes.slice().buffer);
  return new Kind(view.buffer, view.byteOffset, view.byteLength / Kind.BYTES_PER_ELEMENT);
}

/** Whether this browser inflates. */
export const INFLATES = "DecompressionStream" in globalThis;

/**
 * Inflates byte planes, the low bytes of all values first, to bytes as they were.
 * @param {DataView} view
 * @param {number} planes
 */
export async function inflated(view, planes) {
  const blob = new Blob([/** @type {DataView<ArrayBuffer>} */ (view)]);
  const stream = blob.stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  if (planes === 1) return bytes;
  const out = new Uint8Array(bytes.length);
  for (let p = 0, k = 0; p < planes; p++) for (let i = p; i < out.length; i += planes) out[i] = bytes[k++];
  return out;
}

/**
 * Spreads a preview to the size of the whole: each value step x step times.
 * @param {Values} few
 * @param {Pick<Picture, "preview" | "rows" | "columns">} picture
 * @returns {Values}
 */
export function spread(few, { preview: step, rows, columns }) {
  const Kind = /** @type {new (length: number) => Values} */ (few.constructor);
  const out = new Kind(rows * columns);
  const wide = Math.ceil(columns / step);
  for (let v = 0, k = 0; v < rows; v++) {
    const from = Math.floor(v / step) * wide;
    for (let u = 0; u < columns; u++, k++) out[k] = few[from + Math.floor(u / step)];
  }
  return out;
}
