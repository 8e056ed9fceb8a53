// Cine: the frames of a schedule, each for as long as it says. Late frames are skipped and counted; a frame that the page
// does not hold yet is waited for, so that the order is kept (requirements CI1 to CI3).
function toggleCine(s) {
  s.playing = !s.playing && s.sizes.length > 1;
  if (s.playing) play(s);
  s.act({playing: s.playing});
}

function play(s) {
  if (s.run) return;
  const frames = s.cine?.frames.length > 1 ? s.cine.frames : s.sizes.map((_, i) => i);
  const delays = s.cine?.delays ?? [100], times = [];
  let at = Math.max(0, frames.indexOf(s.index)), way = 1, due = performance.now();
  const delay = i => (s.rate ? 1000 / s.rate : delays[i % delays.length]);
  const next = i => {
    if (!s.cine?.sweep) return (i + 1) % frames.length;
    if (i + way < 0 || i + way >= frames.length) way = -way;
    return i + way;
  };
  s.run = {dropped: 0, rate: 0};
  due += delay(at);
  const tick = now => {
    if (!s.playing || !s.views.size || !s.run) { s.run = null; s.views.forEach(v => v.update()); return; }
    requestAnimationFrame(tick);
    if (now < due) return;
    let to = next(at);
    due += delay(to);
    while (due <= now && s.run.dropped < 1e6) { to = next(to); due += delay(to); s.run.dropped++; }
    const before = s.index;
    s.index = frames[to];
    if (!s.picture) { s.index = before; due = now; s.shared.want(frames[to], s); return; } // not here yet
    at = to;
    times.push(now);
    while (times.length > 1 && times[0] < now - 1000) times.shift();
    s.run.rate = times.length > 1 ? 1000 * (times.length - 1) / (now - times[0]) : 0;
    lead(s, {index: before}, {index: s.index});
    s.shared.want();
    s.paint();
  };
  requestAnimationFrame(tick);
}

function cineText(s) { // what is shown while it plays
  if (!s.playing || !s.run) return null;
  const dropped = s.run.dropped ? `, ${s.run.dropped} skipped` : "";
  return `${s.run.rate.toFixed(1)} frames/s${dropped}`;
}
