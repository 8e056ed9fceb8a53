import { layerBytes } from "../core/color_overlay.js";
import { count, page } from "./page.js";

const added = () => [...page.pictures.values()].reduce((sum, p) => sum + layerBytes(p), 0); // what layers over images take

export const previewOf = buffer => `${buffer}~`;

export function hold(id, data) {
  if (page.buffers.has(id)) return;
  page.buffers.set(id, data);
  page.bytes += data.byteLength;
}

export function drop(id) {
  if (!page.buffers.has(id)) return;
  page.bytes -= page.buffers.get(id).byteLength;
  page.buffers.delete(id);
  for (const [key, p] of page.pictures) if (p.buffer === id) page.pictures.delete(key);
}

export function makeRoom(budget) {
  for (const id of page.buffers.keys()) {
    if (page.bytes + added() <= budget) return;
    if ([...page.near.values()].some(near => near.has(id.replace("~", "")))) continue; // some view of the page stands close by
    drop(id);
    count("evicted");
  }
}

export function touch(picture) {
  const data = page.buffers.get(picture.buffer);
  page.buffers.delete(picture.buffer);
  page.buffers.set(picture.buffer, data);
  return data;
}
