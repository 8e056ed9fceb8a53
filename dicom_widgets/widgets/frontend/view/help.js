// The help of a view: every tool and every key, from the tables.
import { make } from "../dom/elements.js";
import { icon } from "../dom/icons.js";
import { keysText } from "../dom/keys.js";
import { COMMANDS } from "./hand/commands.js";
import { OTHER_KEYS } from "./hand/keys.js";
import { TOOLS } from "./hand/tools.js";

/** What stands in one row. @type {() => (string | (string | Node)[])[][]} */
const rows = () => [
  ...Object.values(TOOLS).map(({ label, icon: drawn, key, hint }) => [
    key,
    drawn ? [icon(drawn), ` ${label}`] : label,
    hint.replace(`${label}: `, ""),
  ]),
  ...Object.values(COMMANDS).map(({ label = "", icon: drawn, keys, hint }) => [
    keysText(keys),
    drawn ? [icon(drawn), ` ${label}`] : "",
    hint,
  ]),
  ...OTHER_KEYS.map(([keys, hint]) => [keys, "", hint]),
];

/** @param {View} view */
export function helpSheet(view) {
  const sheet = make("div", {
    parent: view.box,
    className: "dw-help",
    role: "dialog",
    "aria-label": "Tools and keys",
    tabIndex: -1,
    hidden: true,
  });
  const close = make("button", {
    parent: sheet,
    type: "button",
    text: "✕",
    title: "Close [Esc]",
    "aria-label": "Close",
    on: { click: () => view.help(false) },
  });
  const body = make("tbody");
  make("table", { parent: sheet }, body);
  const fill = () => {
    body.replaceChildren(
      ...rows().map((cells) => make("tr", {}, ...cells.map((cell, i) => make(i ? "td" : "th", {}, ...[cell].flat())))),
    );
  };
  fill();
  view.help = (open = sheet.hidden) => {
    if (sheet.hidden === !open) return false;
    if (open) fill(); // tools may have come from outside
    sheet.hidden = !open;
    (open ? close : view.box).focus({ preventScroll: true });
    return true;
  };
}
