import { BLACK, LITTLE } from "../core/pixels.js";

const ARRAYS = {uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, uint32: Uint32Array, float64: Float64Array};

export function typed(type, view) { // a part of a message as the array that it is
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  if (type === "bits") { // eight pixels a byte, the lowest bit first
    const out = new Uint8Array(8 * bytes.length);
    for (let i = 0; i < out.length; i++) out[i] = bytes[i >> 3] >> (i & 7) & 1;
    return out;
  }
  if (type === "rgb") {
    const out = new Uint32Array(bytes.length / 3), [r, g, b] = LITTLE ? [0, 8, 16] : [24, 16, 8];
    for (let i = 0, k = 0; i < out.length; i++, k += 3) out[i] = BLACK | bytes[k] << r | bytes[k + 1] << g | bytes[k + 2] << b;
    return out;
  }
  const Kind = ARRAYS[type], fits = view.byteOffset % Kind.BYTES_PER_ELEMENT === 0;
  return fits ? new Kind(view.buffer, view.byteOffset, view.byteLength / Kind.BYTES_PER_ELEMENT) : new Kind(bytes.slice().buffer);
}

export const INFLATES = "DecompressionStream" in globalThis;

export async function inflated(view, planes) { // deflated byte planes, the low bytes of all values first -> bytes as they were
  const stream = new Blob([view]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  if (planes === 1) return bytes;
  const out = new Uint8Array(bytes.length);
  for (let p = 0, k = 0; p < planes; p++) for (let i = p; i < out.length; i += planes) out[i] = bytes[k++];
  return out;
}

export function spread(few, {preview: step, rows, columns}) { // a preview in the place of the whole: each value step x step times
  const out = new few.constructor(rows * columns), wide = Math.ceil(columns / step);
  for (let v = 0, k = 0; v < rows; v++) {
    const from = Math.floor(v / step) * wide;
    for (let u = 0; u < columns; u++, k++) out[k] = few[from + Math.floor(u / step)];
  }
  return out;
}
