// Stored values under one byte budget for the whole page; a picture names its buffer.
import { layerBytes } from "../core/color_overlay.js";
import { count, page } from "./page.js";

/** @type {(buffer: string) => string} What the preview of a buffer is called. */
export const previewOf = (buffer) => `${buffer}~`;

/** The bytes of layers over images. */
const layersBytes = () => [...page.pictures.values()].reduce((sum, p) => sum + layerBytes(p), 0);

/** @type {(id: string, data: Values) => void} */
export function hold(id, data) {
  if (page.buffers.has(id)) return;
  page.buffers.set(id, data);
  page.bytes += data.byteLength;
}

/** Drops a buffer and the pictures that need it. @param {string} id */
export function drop(id) {
  const data = page.buffers.get(id);
  if (!data) return;
  page.bytes -= data.byteLength;
  page.buffers.delete(id);
  for (const [key, p] of page.pictures) if (p.buffer === id) page.pictures.delete(key);
}

/** Drops buffers that no view of the page stands close by, those of the longest disuse first. @param {number} budget */
export function makeRoom(budget) {
  for (const id of page.buffers.keys()) {
    if (page.bytes + layersBytes() <= budget) return;
    if ([...page.near.values()].some((near) => near.has(id.replace("~", "")))) continue;
    drop(id);
    count("evicted");
  }
}

/** Returns the stored values of a picture, which are now the last ones in use. @param {Picture} picture */
export function touch(picture) {
  const data = /** @type {Values} */ (page.buffers.get(picture.buffer));
  page.buffers.delete(picture.buffer);
  page.buffers.set(picture.buffer, data);
  return data;
}
