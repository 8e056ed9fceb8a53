// Cine: the frames of a schedule, each for as long as it says. Late frames are skipped and counted; a frame that the
// page does not hold yet is waited for, so that the order is kept (requirements CI1 to CI3).
import { CineOrder } from "../../core/cine_order.js";
import { lead } from "./links.js";

/** @param {Surface} s */
export function toggleCine(s) {
  s.playing = !s.playing && s.sizes.length > 1;
  if (s.playing) play(s);
  s.act({ playing: s.playing });
}

/** Plays on until the view stops playing, or goes away. @param {Surface} s */
export function play(s) {
  if (s.run) return;
  const order = new CineOrder(s.cine, s.sizes.length, s.index);
  const run = { dropped: 0, rate: 0 };
  const seen = rateMeter(run);
  let due = 0;
  let waiting = true; // each frame has its time from when it is here
  s.run = run;
  const step = () => {
    order.next();
    due += order.delay(s.rate);
  };
  const tick = (/** @type {number} */ now) => {
    if (!s.playing || !s.views.size || !s.run) {
      s.run = null;
      s.views.forEach((v) => v.update());
      return;
    }
    requestAnimationFrame(tick);
    if (!s.picture) {
      waiting = true; // it has been asked for
      return;
    }
    if (waiting) {
      waiting = false;
      due = now + order.delay(s.rate);
      seen(now);
    }
    if (now < due) return;
    for (step(); due <= now && run.dropped < 1e6; step()) run.dropped++;
    const before = s.index;
    Object.assign(s, { index: order.frame, way: order.way });
    if (s.picture) seen(now);
    lead(s, { index: before }, { index: s.index });
    s.shared.want();
    s.paint();
  };
  requestAnimationFrame(tick);
}

/** Measures the rate over the last second. @param {{rate: number}} run */
function rateMeter(run) {
  /** @type {number[]} */
  const times = [];
  return (/** @type {number} */ now) => {
    times.push(now);
    while (times.length > 1 && times[0] < now - 1000) times.shift();
    run.rate = times.length > 1 ? (1000 * (times.length - 1)) / (now - times[0]) : 0;
  };
}

/** Says how fast it plays; null where it does not. @param {Surface} s */
export function cineText(s) {
  if (!s.playing || !s.run) return null;
  const dropped = s.run.dropped ? `, ${s.run.dropped} skipped` : "";
  return `${s.run.rate.toFixed(1)} frames/s${dropped}`;
}
