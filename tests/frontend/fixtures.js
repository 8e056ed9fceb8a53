// What the Python twins wrote for these tests (test_twins.py).
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { typed } from "../../dicom_widgets/widgets/frontend/runtime/decoding.js";

const FOLDER = process.env.DICOM_WIDGETS_FIXTURES ?? "";

/** The cases of a name. @param {string} name */
export const cases = (name) => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf-8"));

/** The bytes of a base64 text. @param {string} text */
export const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64"));

/** A frame message as a picture, with its stored values. @param {{content: any, buffers: string[]}} message */
export function pictureOf({ content, buffers }) {
  const arrays = content.parts.map(([name, type], i) => [name, typed(type, bytes(buffers[i]))]);
  const { values, ...tables } = Object.fromEntries(arrays);
  return { picture: { ...content, tables, key: "k", buffer: "b" }, values };
}
