import { crc32 } from "../../core/crc32.js";
import { say } from "../../runtime/page.js";

export const sized = n => n === null ? "" : n < 1000 ? `${n} B` : n < 1e6 ? `${(n / 1e3).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`;

// Sends files piece by piece, two under way; what is damaged or lost is sent again.
export function uploader(model, tell) {
  let now = null;
  const send = async job => {
    const {file, n} = job, start = n * now.piece, bytes = new Uint8Array(await now.files[file].slice(start, start + now.piece).arrayBuffer());
    if (!now || now.id !== job.id) return;
    clearTimeout(job.timer);
    job.timer = setTimeout(() => { if (now?.id === job.id && job.tries++ < 5) send(job); else if (now?.id === job.id) stop("The upload was lost on its way. Try again."); }, 15000);
    try { model.send({type: "piece", id: job.id, file, n, crc: crc32(bytes)}, undefined, [bytes.buffer]); } catch { stop("The kernel is gone: run the cell again."); }
  };
  const next = () => {
    while (now && now.flying.size < 2 && now.queue.length) {
      const job = now.queue.shift();
      now.flying.set(`${job.file}.${job.n}`, job);
      send(job);
    }
  };
  const stop = words => {
    if (!now) return;
    for (const job of now.flying.values()) clearTimeout(job.timer);
    now = null;
    tell(words, null);
  };
  return {
    start(files) { // [File, name]
      if (!files.length) return;
      const id = Math.random().toString(36).slice(2);
      now = {id, files: files.map(f => f[0]), piece: 0, queue: [], flying: new Map()};
      tell(`Uploading ${files.length} file${files.length === 1 ? "" : "s"} …`, 0);
      say(model, {type: "upload", id, files: files.map(([file, name]) => ({name, size: file.size}))});
    },
    go(msg) {
      if (now?.id !== msg.id) return;
      now.piece = msg.piece;
      now.files.forEach((f, file) => { for (let n = 0; n * msg.piece < f.size; n++) now.queue.push({id: now.id, file, n, tries: 0}); });
      next();
    },
    ack(msg) {
      if (now?.id !== msg.id) return;
      const job = now.flying.get(`${msg.file}.${msg.n}`);
      if (!job) return;
      if (!msg.ok && job.tries++ < 5) return send(job);
      if (!msg.ok) return stop("The upload arrives damaged. Try again.");
      clearTimeout(job.timer);
      now.flying.delete(`${msg.file}.${msg.n}`);
      if (!now.queue.length && !now.flying.size) return stop("Uploaded.");
      tell(`${sized(msg.received)} of ${sized(msg.total)}`, msg.received / msg.total);
      next();
    },
    cancel() { if (now) { stop("Cancelled."); say(model, {type: "cancel"}); } },
    end() { stop(""); },
  };
}

export async function dropped(transfer) { // files, and what is in the folders among them: [File, name]
  const found = [];
  const walk = async entry => {
    if (entry.isFile) found.push([await new Promise((ok, no) => entry.file(ok, no)), entry.fullPath.replace(/^\//, "")]);
    else if (entry.isDirectory) {
      const reader = entry.createReader();
      for (;;) {
        const some = await new Promise((ok, no) => reader.readEntries(ok, no));
        if (!some.length) break;
        for (const e of some) await walk(e);
      }
    }
  };
  const entries = [...transfer.items].map(i => i.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map(f => [f, f.name]);
  for (const e of entries) await walk(e);
  return found;
}
