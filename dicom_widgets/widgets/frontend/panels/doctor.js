import { make, styled } from "../dom/elements.js";
import { isPlain } from "../dom/keys.js";
import { doctorList } from "./findings.js";
import { say } from "../runtime/page.js";

export function doctorPart({client}) {
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
