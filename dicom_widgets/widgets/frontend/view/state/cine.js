import { lead } from "./links.js";

export function toggleCine(s) {
  s.playing = !s.playing && s.sizes.length > 1;
  if (s.playing) play(s);
  s.act({playing: s.playing});
}

export function play(s) {
  if (s.run) return;
  const frames = s.cine?.frames.length > 1 ? s.cine.frames : s.sizes.map((_, i) => i);
  const delays = s.cine?.delays ?? [100], times = [];
  let at = Math.max(0, frames.indexOf(s.index)), way = 1, due = 0, waiting = true; // each frame has its time from when it is here
  const delay = i => (s.rate ? 1000 / s.rate : delays[i % delays.length]);
  const next = i => {
    if (!s.cine?.sweep) return (i + 1) % frames.length;
    if (i + way < 0 || i + way >= frames.length) way = -way;
    return i + way;
  };
  const seen = now => {
    times.push(now);
    while (times.length > 1 && times[0] < now - 1000) times.shift();
    s.run.rate = times.length > 1 ? 1000 * (times.length - 1) / (now - times[0]) : 0;
  };
  s.run = {dropped: 0, rate: 0};
  const tick = now => {
    if (!s.playing || !s.views.size || !s.run) { s.run = null; s.views.forEach(v => v.update()); return; }
    requestAnimationFrame(tick);
    if (!s.picture) { waiting = true; return; } // it has been asked for
    if (waiting) { waiting = false; due = now + delay(at); seen(now); }
    if (now < due) return;
    for (at = next(at), due += delay(at); due <= now && s.run.dropped < 1e6; at = next(at), due += delay(at)) s.run.dropped++;
    const before = s.index;
    Object.assign(s, {index: frames[at], way});
    if (s.picture) seen(now);
    lead(s, {index: before}, {index: s.index});
    s.shared.want();
    s.paint();
  };
  requestAnimationFrame(tick);
}

export function cineText(s) { // what is shown while it plays
  if (!s.playing || !s.run) return null;
  const dropped = s.run.dropped ? `, ${s.run.dropped} skipped` : "";
  return `${s.run.rate.toFixed(1)} frames/s${dropped}`;
}
