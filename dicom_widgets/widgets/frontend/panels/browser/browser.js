// The PACS browser: choose a remote AE, ask, look into studies and series, retrieve, view.
import { make } from "../../dom/elements.js";
import { hear, say } from "../../runtime/page.js";
import { Findings } from "../findings.js";
import { showLedger } from "./ledger.js";
import { QueryForm } from "./query_form.js";
import { StudyTree } from "./study_tree.js";

/**
 * @typedef {object} RemotesMessage
 * @property {import("./query_form.js").Remote[]} remotes
 * @property {string} address this application's, as a remote AE has to know it
 * @property {Record<string, string>} hints way of retrieval -> what it needs, in words
 * @property {string} chosen
 * @property {boolean} views whether there is something that shows what is retrieved
 */

class Browser {
  /**
   * @param {Mounting} mounting
   * @param {string} client
   */
  constructor({ model, el, signal }, client) {
    this.el = el;
    this.tell = (/** @type {object} */ message) => say(model, { ...message, client });
    const root = make("div", { parent: el, className: "dw-browser", role: "group", "aria-label": "Studies" });
    this.busy = false;
    /** Whether Enter asked for what is viewed next. */
    this.keyed = false;
    /** This application as a remote AE has to know it. */
    this.address = "";
    /** Way of retrieval -> what it needs, in words. @type {Record<string, string>} */
    this.hints = {};
    this.form = new QueryForm(root, this.tell, signal);
    this.form.remote.addEventListener("change", () => this.listWays());
    this.tree = new StudyTree(
      root,
      {
        select: (path) => {
          this.enable();
          this.tell({ type: "select", path });
        },
        expand: (path) => this.tell({ type: "expand", path }),
        view: (path, keyed) => {
          this.keyed ||= keyed;
          this.bring("view", path);
        },
      },
      signal,
    );
    this.actions(root);
    this.note = make("div", { parent: root, className: "dw-hint", hidden: true });
    this.findings = new Findings(root);
    this.ledger = make("details", { parent: root, className: "dw-ledger", hidden: true });
  }

  /** @param {Element} root */
  actions(root) {
    const parent = make("div", { parent: root, className: "dw-actions" });
    const button = (
      /** @type {string} */ text,
      /** @type {string} */ className,
      /** @type {string} */ title,
      /** @type {() => void} */ click,
    ) => make("button", { parent, type: "button", text, className, title, on: { click } });
    const chosen = () => this.tree.selected ?? "";
    this.open = button("View", "dw-view", "Retrieve if needed, and show it (double click)", () =>
      this.bring("view", chosen()),
    );
    const fetches = "Bring the selected study, series or instance into the session";
    this.fetch = button("Retrieve", "dw-retrieve", fetches, () => this.bring("retrieve", chosen()));
    this.way = make("select", {
      className: "dw-way",
      "aria-label": "Way of retrieval",
      on: { change: () => this.hint() },
    });
    this.by = make("label", { parent, text: "by" }, this.way);
    const stops = "Stop; what was found or arrived is kept";
    this.stop = button("Cancel", "dw-cancel", stops, () => this.tell({ type: "cancel" }));
    this.bar = make("progress", { parent, hidden: true });
    this.words = make("div", { parent, className: "dw-status", role: "status" });
  }

  /** @type {(type: string, path: string) => void} */
  bring(type, path) {
    this.tell({ type, path, way: this.way?.value });
  }

  enable() {
    const idle = !!this.tree.selected && !this.busy;
    for (const button of [this.open, this.fetch]) if (button) button.disabled = !idle;
  }

  listWays() {
    const { way, by, form } = this;
    if (!way || !by) return;
    way.replaceChildren(...form.ways.map((value) => make("option", { value, text: value })));
    by.hidden = form.examine.hidden = !form.ways.length; // a medium is read directly
    this.hint();
  }

  /** Says what the chosen way needs. */
  hint() {
    const { note, form, address, hints } = this;
    const words = hints[this.way?.value ?? ""] ?? "";
    note.hidden = !words;
    note.textContent = words.replace("{source}", () => form.remote.value).replace("{address}", () => address);
  }

  /** @param {RemotesMessage} message */
  remotes({ remotes, address, hints, chosen, views }) {
    this.address = address;
    this.hints = hints;
    this.form.list(remotes, chosen);
    if (this.open) this.open.hidden = !views;
    this.listWays();
  }

  /**
   * Who pressed Enter has no mouse: the image of the viewer in which the browser stands takes the focus, and comes
   * into view.
   */
  viewed() {
    const image = ".dw-cell[aria-current=true] .dw-surface";
    if (this.keyed && document.activeElement === this.tree.scroll) {
      /** @type {HTMLElement | null | undefined} */ (this.el.parentElement?.querySelector(image))?.focus();
    }
    this.keyed = false;
  }

  /** @param {{busy: boolean, words: string, error?: boolean, fraction?: number | null}} message */
  status({ busy, words, error, fraction }) {
    this.busy = busy;
    if (!this.words || !this.bar || !this.stop) return;
    this.words.textContent = words;
    this.words.classList.toggle("dw-error", !!error);
    this.bar.hidden = !busy;
    if (fraction === null || fraction === undefined) this.bar.removeAttribute("value");
    else this.bar.value = fraction;
    this.stop.disabled = !busy;
    this.enable();
  }
}

/** @param {Shared} shared @returns {Mount} */
export function browserPart({ client }) {
  return function mount(mounting) {
    const browser = new Browser(mounting, client);
    const { findings, tree } = browser;
    const unhear = hear(mounting.model, {
      remotes: (message) => browser.remotes(message),
      findings: (message) => findings.show(message.findings),
      finding: (message) => findings.add(message.finding),
      viewed: () => browser.viewed(),
      ledger: (message) => showLedger(browser.ledger, message),
      rows: (message) => tree.show(message.rows, message.open ?? []),
      status: (message) => browser.status(message),
    });
    browser.tell({ type: "ready" });
    return unhear;
  };
}
