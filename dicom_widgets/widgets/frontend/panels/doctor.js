// The connection doctor: start, cancel, and what was found.
import { make } from "../dom/elements.js";
import { keepPlain } from "../dom/keys.js";
import { hear, say } from "../runtime/page.js";
import { Findings } from "./findings.js";

/** @param {Shared} shared @returns {Mount} */
export function doctorPart({ client }) {
  return function mount({ model, el, signal }) {
    const root = make("div", { parent: el, className: "dw-doctor", role: "group", "aria-label": "Connection doctor" });
    const tell = (/** @type {string} */ type) => say(model, { type, client });
    const actions = make("div", { parent: root, className: "dw-actions" });
    const button = (/** @type {object} */ options, /** @type {string} */ type) =>
      make("button", { parent: actions, type: "button", ...options, on: { click: () => tell(type) } });
    const title = "Try every step of the connection";
    const start = button({ className: "dw-start", text: "Start", title }, "start");
    const stop = button({ className: "dw-cancel", text: "Cancel", disabled: true }, "cancel");
    const words = make("div", { parent: actions, className: "dw-status", role: "status" });
    const findings = new Findings(root);
    root.addEventListener("keydown", keepPlain, { signal });
    const unhear = hear(model, {
      findings: (message) => findings.show(message.findings),
      finding: (message) => findings.add(message.finding),
      status: ({ words: said, busy, error }) => {
        const left = document.activeElement === (busy ? start : stop);
        words.textContent = said;
        words.classList.toggle("dw-error", !!error);
        start.disabled = busy;
        stop.disabled = !busy;
        if (left) (busy ? stop : start).focus(); // a disabled button would lose the keyboard
      },
    });
    tell("ready");
    return unhear;
  };
}
