// Tools and measurements from outside of the package. The kernel tells their scripts, each the text of an ES module
// whose default export is a row of `TOOLS` or of `KINDS`; a name that a later message has no more is taken out.
import { KINDS } from "../core/measurements/kinds.js";
import { hear } from "../runtime/page.js";
import { measuring } from "./hand/measuring.js";
import { TOOLS } from "./hand/tools.js";

/** What a tool from outside need not say: `measures` names the kind of measurement that it makes. */
const PLAIN = { icon: "circle", group: "image", rank: 2, code: "" };

/** @param {string} script @returns {Promise<any>} its default export */
async function rowOf(script) {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    return (await import(url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * Returns the rows of extensions; one that cannot be loaded is left out.
 * @template {{name: string, script: string}} T
 * @param {T[]} given
 * @returns {Promise<[T, any][]>}
 */
async function rowsOf(given) {
  const rows = await Promise.allSettled(given.map(({ script }) => rowOf(script)));
  return given.flatMap((extension, i) => {
    const row = rows[i];
    if (row.status === "fulfilled") return [[extension, row.value]];
    console.error(`The extension ${extension.name} cannot be loaded:`, row.reason);
    return [];
  });
}

/**
 * Puts rows into a table in the place of those that were added before; its own rows stay.
 * @param {Record<string, any>} table
 * @param {Set<string>} added
 * @param {[name: string, row: object][]} rows
 */
function replace(table, added, rows) {
  for (const name of added) delete table[name];
  added.clear();
  for (const [name, row] of rows) {
    if (Object.hasOwn(table, name)) continue;
    table[name] = row;
    added.add(name);
  }
}

/** Keeps the tables as the kernel says. @param {Shared} shared */
export function followExtensions(shared) {
  const [kinds, tools] = [new Set(), new Set()];
  let newest = 0;
  const extensions = async (/** @type {ExtensionsMessage} */ message) => {
    const n = ++newest;
    const [kindRows, toolRows] = await Promise.all([rowsOf(message.measurements), rowsOf(message.tools)]);
    if (n !== newest) return; // another message came meanwhile
    replace(
      KINDS,
      kinds,
      kindRows.map(([{ name }, row]) => [name, row]),
    );
    const known = toolRows.filter(([, { measures }]) => !measures || Object.hasOwn(KINDS, measures));
    replace(
      TOOLS,
      tools,
      known.map(([{ name, label, key }, row]) => {
        const made = row.measures ? measuring(row.measures) : {};
        return [name, { ...PLAIN, hint: label, ...made, ...row, label, key }];
      }),
    );
    for (const s of shared.surfaces.values()) {
      s.views.forEach((v) => v.update());
      s.paint();
    }
  };
  hear(shared.model, { extensions });
}
