// What all runtimes of the page share, and messages to the kernel.
import { pageRegister } from "./register.js";

export const page = pageRegister();

/** Counts what happens, for benchmarks and tests. @type {(name: string, n?: number) => void} */
export const count = (name, n = 1) => {
  page.stats[name] = (page.stats[name] ?? 0) + n;
};

/** Sends a message; false when the kernel is gone. @type {(model: Model, message: object) => boolean} */
export const say = (model, message) => {
  try {
    model.send(message);
    return true;
  } catch {
    return false;
  }
};

/**
 * Hands each message of a model to the method of its type, and returns what ends that.
 * @param {Model} model
 * @param {Record<string, (message: any, buffers: DataView[]) => void>} table message type -> method
 */
export function hear(model, table) {
  const heard = (/** @type {{type: string}} */ message, /** @type {DataView[]} */ buffers) => {
    if (Object.hasOwn(table, message.type)) table[message.type](message, buffers);
  };
  model.on("msg:custom", heard);
  return () => model.off("msg:custom", heard);
}
