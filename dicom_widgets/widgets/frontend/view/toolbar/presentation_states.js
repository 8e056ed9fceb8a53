// The list of presentation states.
import { make } from "../../dom/elements.js";
import { say } from "../../runtime/page.js";

/** Makes the list; returns what brings it up to date. @type {(s: Surface, parent: Element) => () => void} */
export function presentationStates(s, parent) {
  const list = make("select", {
    parent,
    className: "dw-states",
    title: "Presentation state",
    "aria-label": "Presentation state",
    hidden: true, // until there is something in it; then it stays
    on: { change: (e) => say(s.model, { type: "presentation", presentation: e.target.value }) },
  });
  return () => {
    const usable = s.states.filter((t) => !t.refused);
    const options = [
      ["newest", usable.length ? `Newest: ${usable[0].label}` : "No presentation state"],
      ...usable.map((t) => [t.uid, words(t)]),
      ...(usable.length ? [["", "None"]] : []),
    ].map(([value, text]) => make("option", { value, text }));
    const refused = s.states
      .filter((t) => t.refused)
      .map((t) => make("option", { value: t.uid, text: `Not applied: ${t.label}, ${t.refused}`, disabled: true }));
    list.replaceChildren(...options, ...refused);
    list.value = s.presentation ?? "";
    list.disabled = !s.states.length;
    list.hidden &&= !s.states.length;
  };
}

/** @type {(state: PresentationState) => string} */
const words = ({ label, description, created }) =>
  `${label}${description ? ` – ${description}` : ""}${created ? ` (${created})` : ""}`;
