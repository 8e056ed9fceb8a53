// What works of a connection: a list of findings, and the part that makes them.
const VERDICTS = new Map([[true, ["✓", "works", "dw-well"]], [false, ["✗", "failed", "dw-bad"]], [null, ["–", "not tried", "dw-skipped"]]]);

// Draws findings ({step, ok, words, fix, seconds}) into a container, each when it comes.
function doctorList(container) {
  const list = make("ol", {parent: container, className: "dw-findings", role: "log", "aria-label": "Findings", tabIndex: 0, hidden: true});
  return {
    clear() { list.replaceChildren(); list.hidden = true; },
    add({step, ok, words, fix, seconds}) {
      const [mark, verdict, className] = VERDICTS.get(ok ?? null);
      const item = make("li", {parent: list, className}, make("span", {className: "dw-mark", role: "img", "aria-label": verdict, text: mark}));
      make("b", {parent: item, text: step, title: `${seconds.toFixed(2)} s`});
      make("span", {parent: item, className: "dw-words", text: words});
      if (fix) make("span", {parent: item, className: "dw-fix", text: `→ ${fix}`});
      list.hidden = false;
      list.scrollTop = list.scrollHeight;
    },
  };
}

function doctorPart({client}) {
  return function mount({model, el, signal}) {
    styled();
    const root = make("div", {parent: el, className: "dw-doctor", role: "group", "aria-label": "Connection doctor"});
    const tell = type => say(model, {type, client});
    const actions = make("div", {parent: root, className: "dw-actions"});
    const start = make("button", {parent: actions, type: "button", className: "dw-start", text: "Start", title: "Try every step of the connection", on: {click: () => tell("start")}});
    const stop = make("button", {parent: actions, type: "button", className: "dw-cancel", text: "Cancel", disabled: true, on: {click: () => tell("cancel")}});
    const words = make("div", {parent: actions, className: "dw-status", role: "status"});
    const list = doctorList(root);
    root.addEventListener("keydown", e => { if (isPlain(e)) e.stopPropagation(); }, {signal});
    const hear = msg => {
      if (msg.type === "findings") { list.clear(); msg.findings.forEach(list.add); }
      else if (msg.type === "finding") list.add(msg.finding);
      else if (msg.type === "status") {
        const left = document.activeElement === (msg.busy ? start : stop);
        words.textContent = msg.words;
        words.classList.toggle("dw-error", !!msg.error);
        start.disabled = msg.busy;
        stop.disabled = !msg.busy;
        if (left) (msg.busy ? stop : start).focus(); // a disabled button would lose the keyboard
      }
    };
    model.on("msg:custom", hear);
    tell("ready");
    return () => model.off("msg:custom", hear);
  };
}
