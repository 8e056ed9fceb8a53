// Sends files piece by piece, two under way; what is damaged or lost is sent again.
import { crc32 } from "../../core/crc32.js";
import { say } from "../../runtime/page.js";

/** How often a piece is sent again. */
const TRIES = 5;
/** ms after which a piece counts as lost. */
const PATIENCE = 15000;

/** @type {(bytes: number | null) => string} */
export const sized = (n) => {
  if (n === null) return "";
  if (n < 1000) return `${n} B`;
  return n < 1e6 ? `${(n / 1e3).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`;
};

/**
 * @typedef {{id: string, file: number, n: number, tries: number, timer?: number}} Job a piece
 * @typedef {{id: string, files: File[], piece: number, queue: Job[], flying: Map<string, Job>}} Upload
 */

export class Uploader {
  /**
   * @param {Model} model
   * @param {(words: string, fraction: number | null) => void} tell null where nothing is under way
   */
  constructor(model, tell) {
    this.model = model;
    this.tell = tell;
    /** @type {Upload | null} */
    this.now = null;
  }

  /** @param {import("./dropped_files.js").Named[]} files */
  start(files) {
    if (!files.length) return;
    const id = Math.random().toString(36).slice(2);
    this.now = { id, files: files.map(([file]) => file), piece: 0, queue: [], flying: new Map() };
    this.tell(`Uploading ${files.length} file${files.length === 1 ? "" : "s"} …`, 0);
    say(this.model, { type: "upload", id, files: files.map(([file, name]) => ({ name, size: file.size })) });
  }

  /** The kernel is ready for pieces of a size. @param {{id: string, piece: number}} message */
  go({ id, piece }) {
    const { now } = this;
    if (now?.id !== id) return;
    now.piece = piece;
    now.files.forEach(({ size }, file) => {
      for (let n = 0; n * piece < size; n++) now.queue.push({ id, file, n, tries: 0 });
    });
    this.next();
  }

  next() {
    const { now } = this;
    while (now && now.flying.size < 2 && now.queue.length) {
      const job = /** @type {Job} */ (now.queue.shift());
      now.flying.set(`${job.file}.${job.n}`, job);
      this.send(job);
    }
  }

  /** @param {Job} job */
  async send(job) {
    const { now } = this;
    if (!now) return;
    const { file, n } = job;
    const start = n * now.piece;
    const bytes = new Uint8Array(await now.files[file].slice(start, start + now.piece).arrayBuffer());
    if (this.now?.id !== job.id) return;
    clearTimeout(job.timer);
    job.timer = setTimeout(() => this.lost(job), PATIENCE);
    try {
      this.model.send({ type: "piece", id: job.id, file, n, crc: crc32(bytes) }, undefined, [bytes.buffer]);
    } catch {
      this.stop("The kernel is gone: run the cell again.");
    }
  }

  /** @param {Job} job */
  lost(job) {
    if (this.now?.id !== job.id) return;
    if (job.tries++ < TRIES) this.send(job);
    else this.stop("The upload was lost on its way. Try again.");
  }

  /**
   * A piece has come.
   * @param {{id: string, file: number, n: number, ok: boolean, received: number, total: number}} message
   */
  ack({ id, file, n, ok, received, total }) {
    const { now } = this;
    const name = `${file}.${n}`;
    const job = now?.id === id ? now.flying.get(name) : undefined;
    if (!now || !job) return;
    if (!ok) {
      if (job.tries++ < TRIES) this.send(job);
      else this.stop("The upload arrives damaged. Try again.");
      return;
    }
    clearTimeout(job.timer);
    now.flying.delete(name);
    if (!now.queue.length && !now.flying.size) return this.stop("Uploaded.");
    this.tell(`${sized(received)} of ${sized(total)}`, received / total);
    this.next();
  }

  /** @param {string} words */
  stop(words) {
    if (!this.now) return;
    for (const job of this.now.flying.values()) clearTimeout(job.timer);
    this.now = null;
    this.tell(words, null);
  }

  cancel() {
    if (!this.now) return;
    this.stop("Cancelled.");
    say(this.model, { type: "cancel" });
  }
}
