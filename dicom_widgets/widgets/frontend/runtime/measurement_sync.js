import { VALUED, figuresOf } from "../core/measurements/figures.js";

const UNDONE = 100; // what is kept to be taken back

export function marksOf(model, client, tell, paint) {
  const all = new Map(), waiting = new Map(), revisions = new Map(), computed = new WeakMap(), past = []; // waiting: uid -> number of the message, Infinity while the hand moves; past: what the hand did, as [uid, how it was before]
  let timer = 0, patience = 3000, n = 0;

  function send(uids, everything = false) {
    if (!uids.length && !everything) return true;
    n++;
    for (const uid of uids) waiting.set(uid, n);
    const plain = uid => { const {figures, ...mark} = all.get(uid); return mark; };
    const told = tell({type: "measure", client, n, all: everything, changes: uids.map(uid => [uid, all.has(uid) ? plain(uid) : null])});
    clearTimeout(timer);
    timer = setTimeout(() => { patience = Math.min(60000, 2 * patience); send(rested()); }, patience);
    return told;
  }
  const rested = () => [...waiting].filter(([, at]) => at < Infinity).map(([uid]) => uid);

  model.on("msg:custom", msg => {
    if (msg.type !== "measured") return;
    const ours = msg.echo?.[0] === client ? msg.echo[1] : -1;
    for (const {uid, revision, mark} of msg.changes) {
      if (waiting.get(uid) > ours) continue; // the hand is ahead of the kernel
      waiting.delete(uid);
      if (revisions.get(uid) > revision) continue;
      revisions.set(uid, revision);
      if (mark) all.set(uid, mark); else all.delete(uid);
    }
    if (msg.all !== null) {
      const told = new Set(msg.changes.map(c => c.uid));
      for (const uid of [...all.keys()]) if (!told.has(uid) && !waiting.has(uid) && !(revisions.get(uid) > msg.all)) all.delete(uid);
    }
    if (!rested().length) { clearTimeout(timer); patience = 3000; }
    paint();
  });

  return {
    all,
    keep: (uid, before) => { past.push([uid, before]); past.splice(0, past.length - UNDONE); },
    undo: () => past.pop(),
    on: ({meaning}) => [...all.values()].filter(m => m.instance === meaning.instance && m.frame === meaning.frame),
    put: ({figures, ...mark}, same) => { all.set(mark.uid, same ? {...mark, figures: same} : mark); waiting.set(mark.uid, Infinity); paint(); },
    remove: uid => { if (all.delete(uid)) { send([uid]); paint(); } },
    rest: () => send([...waiting].filter(([, at]) => at === Infinity).map(([uid]) => uid)), // false when the kernel is gone
    ask: () => send(rested(), true),
    forget: () => clearTimeout(timer),
    figures: (mark, picture) => { // the kernel's, or what the page makes of it meanwhile
      if (mark.figures) return mark.figures;
      if (VALUED.includes(mark.kind) && JSON.stringify(mark.subtraction ?? null) !== JSON.stringify(picture.meaning.subtraction)) { // of values that are not shown
        if (!waiting.has(mark.uid)) send([mark.uid]);
        return {quantities: [], label: "", source: "", why: "measured by the kernel …"};
      }
      if (computed.get(mark)?.buffer !== picture.buffer) computed.set(mark, {buffer: picture.buffer, figures: figuresOf(mark, picture)});
      return computed.get(mark).figures;
    },
  };
}
