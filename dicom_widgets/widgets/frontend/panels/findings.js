// What works of a connection: findings, each drawn when it comes.
import { make } from "../dom/elements.js";

/** @typedef {{step: string, ok: boolean | null, words: string, fix: string, seconds: number}} Finding */

/** Mark, words for a screen reader, class; by whether a step worked, failed, or was not tried. */
const VERDICTS = new Map([
  [true, ["✓", "works", "dw-well"]],
  [false, ["✗", "failed", "dw-bad"]],
  [/** @type {boolean | null} */ (null), ["–", "not tried", "dw-skipped"]],
]);

export class Findings {
  /** @param {Element} parent */
  constructor(parent) {
    const log = { role: "log", "aria-label": "Findings", tabIndex: 0 };
    this.list = make("ol", { parent, className: "dw-findings", ...log, hidden: true });
  }

  clear() {
    this.list.replaceChildren();
    this.list.hidden = true;
  }

  /** @param {Finding} finding */
  add({ step, ok, words, fix, seconds }) {
    const { list } = this;
    const [mark, verdict, className] = /** @type {string[]} */ (VERDICTS.get(ok ?? null));
    const sign = make("span", { className: "dw-mark", role: "img", "aria-label": verdict, text: mark });
    const item = make("li", { parent: list, className }, sign);
    make("b", { parent: item, text: step, title: `${seconds.toFixed(2)} s` });
    make("span", { parent: item, className: "dw-words", text: words });
    if (fix) make("span", { parent: item, className: "dw-fix", text: `→ ${fix}` });
    list.hidden = false;
    list.scrollTop = list.scrollHeight;
  }

  /** Shows all findings anew. @param {Finding[]} findings */
  show(findings) {
    this.clear();
    findings.forEach((finding) => this.add(finding));
  }
}
