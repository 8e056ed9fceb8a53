import { make } from "../dom/elements.js";
import { icon } from "../dom/icons.js";
import { keysText } from "../dom/keys.js";
import { COMMANDS } from "./hand/commands.js";
import { OTHER_KEYS } from "./hand/keys.js";
import { TOOLS } from "./hand/tools.js";

export function helpSheet(view) {
  const rows = [
    ...Object.values(TOOLS).map(({label, icon: drawn, key, hint}) => [key, [icon(drawn), ` ${label}`], hint.replace(`${label}: `, "")]),
    ...Object.values(COMMANDS).map(({label = "", icon: drawn, keys: own, hint}) => [keysText(own), drawn ? [icon(drawn), ` ${label}`] : "", hint]),
    ...OTHER_KEYS.map(([own, hint]) => [own, "", hint]),
  ];
  const sheet = make("div", {parent: view.box, className: "dw-help", role: "dialog", "aria-label": "Tools and keys", tabIndex: -1, hidden: true});
  const close = make("button", {parent: sheet, type: "button", text: "✕", title: "Close [Esc]", "aria-label": "Close", on: {click: () => view.help(false)}});
  const body = make("tbody");
  for (const cells of rows) make("tr", {parent: body}, ...cells.map((cell, i) => make(i ? "td" : "th", {}, ...[cell].flat())));
  make("table", {parent: sheet}, body);
  view.help = (open = sheet.hidden) => { // returns whether that changed anything
    if (sheet.hidden === !open) return false;
    sheet.hidden = !open;
    (open ? close : view.box).focus({preventScroll: true});
    return true;
  };
}
