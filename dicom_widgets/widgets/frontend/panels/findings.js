import { make } from "../dom/elements.js";

const VERDICTS = new Map([[true, ["✓", "works", "dw-well"]], [false, ["✗", "failed", "dw-bad"]], [null, ["–", "not tried", "dw-skipped"]]]);

// Draws findings ({step, ok, words, fix, seconds}) into a container, each when it comes.
export function doctorList(container) {
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
