// Which frames a page wants, nearest first.

/**
 * What the order depends on: a view of a series.
 * @typedef {{sid: string, frames: string[], sizes: number[], index: number, way: number}} Place
 */

/** @type {(s: Place, index: number) => string} The name of a frame as a series presents it. */
export const keyOf = (s, index) => `${s.sid}.${s.frames[index]}`;

/**
 * Lists the frames around what is shown: where the hand goes before where it was, all views in turn.
 * @param {Place[]} views
 * @param {number} ahead frames on each side
 * @param {string} uid of the runtime, by which buffers are named
 * @returns {{list: Map<string, [buffer: string, bytes: number]>, shown: number}} key of a frame -> its buffer; and how
 *   many of the first are those that are shown
 */
export function framesNear(views, ahead, uid) {
  /** @type {Map<string, [string, number]>} */
  const list = new Map();
  const add = (/** @type {Place} */ s, /** @type {number} */ i) => {
    if (i >= 0 && i < s.sizes.length) list.set(keyOf(s, i), [`${uid}.${s.frames[i]}`, s.sizes[i]]);
  };
  for (const s of views) add(s, s.index);
  const shown = list.size;
  for (let d = 1; d <= ahead; d++) {
    for (const s of views) {
      add(s, s.index + s.way * d);
      if (d % 2 === 0) add(s, s.index - (s.way * d) / 2);
    }
  }
  for (let d = ahead >> 1; d <= ahead; d++) for (const s of views) add(s, s.index - s.way * d);
  return { list, shown };
}
