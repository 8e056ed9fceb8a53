// The form of the PACS browser: which remote AE is asked, and for what.
import { make } from "../../dom/elements.js";
import { isPlain } from "../../dom/keys.js";

/** Key, label, type, placeholder. */
const FIELDS = [
  ["PatientName", "Patient name", "text", "Doe* or *山田*"],
  ["PatientID", "Patient ID", "text", ""],
  ["from", "Study date from", "date", ""],
  ["to", "to", "date", ""],
  ["ModalitiesInStudy", "Modality", "text", "CT"],
  ["AccessionNumber", "Accession", "text", ""],
  ["StudyDescription", "Description", "text", "*head*"],
];

/** @typedef {{name: string, words: string, ways: string[]}} Remote */

export class QueryForm {
  /**
   * @param {Element} parent
   * @param {(message: object) => void} tell
   * @param {AbortSignal} signal
   */
  constructor(parent, tell, signal) {
    const submit = (/** @type {Event} */ e) => {
      e.preventDefault();
      tell({ type: "query", remote: this.remote.value, deep: this.deep.checked, keys: this.keys });
    };
    const form = make("form", { parent, className: "dw-form", on: { submit } });
    /** @type {Remote[]} */
    this.remotes = [];
    this.remote = make("select", { "aria-label": "Remote AE" });
    make("label", { parent: form, text: "Remote AE" }, this.remote);
    this.inputs = FIELDS.map(([name, label, type, placeholder]) => {
      const input = make("input", { type, placeholder, maxLength: 64, "aria-label": label, "data-key": name });
      make("label", { parent: form, text: label }, input);
      return { name, input };
    });
    this.deep = make("input", { type: "checkbox", title: "Ask for all series and images of what matches" });
    make("label", { parent: form, className: "dw-check", text: "with series and images" }, this.deep);
    make("button", { parent: form, type: "submit", className: "dw-query", text: "Query" });
    /** The doctor of the remote AE. */
    this.examine = make("button", {
      parent: form,
      type: "button",
      className: "dw-examine",
      text: "Doctor",
      title: "Try every step of the connection, and say what to do",
      on: { click: () => tell({ type: "doctor", remote: this.remote.value }) },
    });
    const keydown = (/** @type {KeyboardEvent} */ e) => {
      if (isPlain(e) || e.key === "Enter") e.stopPropagation();
    };
    form.addEventListener("keydown", keydown, { signal });
  }

  get keys() {
    return Object.fromEntries(this.inputs.map(({ name, input }) => [name, input.value]));
  }

  /** How the chosen remote AE can be asked for objects. */
  get ways() {
    return this.remotes.find((r) => r.name === this.remote.value)?.ways ?? [];
  }

  /** @type {(remotes: Remote[], chosen: string) => void} */
  list(remotes, chosen) {
    this.remotes = remotes;
    this.remote.replaceChildren(...remotes.map(({ name, words }) => make("option", { value: name, text: words })));
    if (chosen) this.remote.value = chosen;
  }
}
