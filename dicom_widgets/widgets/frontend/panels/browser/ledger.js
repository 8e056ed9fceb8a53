// What came of a retrieval, and what did not.
import { make } from "../../dom/elements.js";

/**
 * @typedef {object} LedgerMessage
 * @property {string} words
 * @property {string[]} warnings
 * @property {string[]} absent what did not come; of many the first ones
 * @property {number} more how many else did not come
 * @property {string[]} accepted presentation contexts
 * @property {string[]} refused
 */

/**
 * A list that unfolds; nothing of an empty one.
 * @type {(label: string, items: string[], more?: number) => HTMLElement[]}
 */
function listed(label, items, more = 0) {
  if (!items.length) return [];
  const rows = items.map((text) => make("li", { text }));
  if (more) rows.push(make("li", { text: `and ${more} more` }));
  const summary = make("summary", { text: `${label}: ${items.length + more}` });
  return [make("details", { open: label === "Did not come" }, summary, make("ul", {}, ...rows))];
}

/** Shows a ledger in an element. @type {(ledger: HTMLDetailsElement, message: LedgerMessage) => void} */
export function showLedger(ledger, { words, warnings, absent, more, accepted, refused }) {
  ledger.hidden = false;
  ledger.open = warnings.length > 0 || absent.length > 0;
  ledger.replaceChildren(
    make("summary", { text: `Ledger: ${words}` }),
    ...warnings.map((text) => make("p", { text })),
    ...listed("Did not come", absent, more),
    ...listed("Presentation contexts accepted", accepted),
    ...listed("Presentation contexts refused", refused),
  );
}
