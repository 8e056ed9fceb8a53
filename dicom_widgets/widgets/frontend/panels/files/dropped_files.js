// Files that are dropped, and what is in the folders among them.

/** @typedef {[file: File, name: string]} Named */

/** @param {FileSystemEntry} entry @param {Named[]} found */
async function walk(entry, found) {
  if (entry.isFile) {
    const { file } = /** @type {FileSystemFileEntry} */ (entry);
    const read = await new Promise((resolve, reject) => file.call(entry, resolve, reject));
    found.push([read, entry.fullPath.replace(/^\//, "")]);
  } else if (entry.isDirectory) {
    const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
    for (;;) {
      /** @type {FileSystemEntry[]} */
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) break;
      for (const inner of some) await walk(inner, found);
    }
  }
}

/** @param {DataTransfer} transfer @returns {Promise<Named[]>} */
export async function droppedFiles(transfer) {
  const entries = [...transfer.items].flatMap((i) => i.webkitGetAsEntry?.() ?? []);
  if (!entries.length) return [...transfer.files].map((f) => [f, f.name]);
  /** @type {Named[]} */
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}
