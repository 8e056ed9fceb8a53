// The picker: a folder of the kernel's machine, and files of the user's machine, which are uploaded.
import { make } from "../../dom/elements.js";
import { keepPlain } from "../../dom/keys.js";
import { hear, say } from "../../runtime/page.js";
import { droppedFiles } from "./dropped_files.js";
import { FileList } from "./file_list.js";
import { Uploader } from "./upload.js";

/**
 * @typedef {import("./file_list.js").Entry} Entry
 * @typedef {{path: string, filter: string, recent: string[], entries: Entry[], more: number}} Folder
 */

class Picker {
  /**
   * @param {Model} model
   * @param {Element} el
   * @param {(message: object) => void} tell
   */
  constructor(model, el, tell) {
    this.tell = tell;
    const className = "dw-picker dw-browser";
    this.root = make("div", { parent: el, className, role: "group", "aria-label": "Files" });
    const bar = make("div", { parent: this.root, className: "dw-actions" });
    const button = (/** @type {string} */ text, /** @type {string} */ title, /** @type {() => void} */ click) =>
      make("button", { parent: bar, type: "button", text, title, on: { click } });
    button("↑ Up", "The folder above [Backspace]", () => tell({ type: "up" }));
    this.path = make("input", {
      parent: bar,
      className: "dw-path",
      type: "text",
      "aria-label": "Folder or file",
      spellcheck: false,
      on: { change: () => tell({ type: "path", name: this.path.value }), keydown: keepPlain },
    });
    this.recent = make("select", {
      parent: bar,
      title: "Recent places",
      "aria-label": "Recent places",
      on: {
        change: () => {
          if (this.recent.value !== "") tell({ type: "recent", index: +this.recent.value });
        },
      },
    });
    let typed = 0;
    const input = () => {
      clearTimeout(typed);
      typed = setTimeout(() => tell({ type: "filter", words: this.filter.value }), 200);
    };
    const name = "Filter by name";
    const on = { input, keydown: keepPlain };
    this.filter = make("input", { parent: bar, type: "search", placeholder: "Filter", "aria-label": name, on });
    button("Open folder", "Browse this folder as a medium", () => tell({ type: "open", name: null }));
    this.files = new FileList(this.root, model.get("height"), {
      enter: (entry) => tell({ type: "enter", name: entry }),
      up: () => tell({ type: "up" }),
    });
    this.foot = make("div", { parent: this.root, className: "dw-actions" });
    this.upload = this.uploads(model);
    this.acceptDrops();
  }

  /** Makes what uploads. @param {Model} model */
  uploads(model) {
    const { foot } = this;
    const inputs = [{ multiple: true }, { webkitdirectory: true }].map((kind) =>
      make("input", {
        parent: foot,
        type: "file",
        hidden: true,
        ...kind,
        on: {
          change: ({ target }) => {
            const files = /** @type {File[]} */ ([...target.files]);
            this.upload.start(files.map((f) => [f, f.webkitRelativePath || f.name]));
            target.value = "";
          },
        },
      }),
    );
    const button = (/** @type {object} */ options, /** @type {() => void} */ click) =>
      make("button", { parent: foot, type: "button", ...options, on: { click } });
    button({ text: "⇪ Upload files", title: "From your own machine; or drop them here" }, () => inputs[0].click());
    button({ text: "⇪ Upload a folder" }, () => inputs[1].click());
    const done = make("progress", { parent: foot, max: 1, hidden: true });
    const cancel = button({ text: "Cancel", hidden: true }, () => this.upload.cancel());
    this.words = make("div", { parent: foot, className: "dw-status", role: "status" });
    return new Uploader(model, (words, fraction) => {
      done.hidden = cancel.hidden = fraction === null;
      done.value = fraction ?? 0;
      if (words) this.status({ words, error: false });
    });
  }

  acceptDrops() {
    const { root } = this;
    const over = (/** @type {DragEvent} */ e, /** @type {boolean} */ on) => {
      if (!e.dataTransfer?.types.includes("Files")) return;
      e.preventDefault();
      e.stopPropagation();
      root.classList.toggle("dw-over", on);
    };
    root.addEventListener("dragenter", (e) => over(e, true));
    root.addEventListener("dragover", (e) => over(e, true));
    root.addEventListener("dragleave", (e) => over(e, false));
    root.addEventListener("drop", async (e) => {
      over(e, false);
      if (e.dataTransfer) this.upload.start(await droppedFiles(e.dataTransfer));
    });
  }

  /** @param {Folder} message */
  folder(message) {
    const { recent } = message;
    this.path.value = message.path;
    if (this.filter.value.toLowerCase() !== message.filter) this.filter.value = message.filter;
    const options = recent.map((text, value) => make("option", { value, text }));
    this.recent.replaceChildren(make("option", { value: "", text: "Recent …" }), ...options);
    this.recent.disabled = !recent.length;
    this.files.show(message);
  }

  /** @param {{words: string, error: boolean}} message */
  status({ words, error }) {
    if (!this.words) return;
    this.words.textContent = words;
    this.words.classList.toggle("dw-error", error);
  }
}

/** @param {Shared} shared @returns {Mount} */
export function pickerPart({ client }) {
  return function mount({ model, el }) {
    const picker = new Picker(model, el, (message) => say(model, { ...message, client }));
    const { upload } = picker;
    const unhear = hear(model, {
      folder: (message) => picker.folder(message),
      status: (message) => {
        picker.status(message);
        if (message.error) upload.stop("");
      },
      go: (message) => upload.go(message),
      ack: (message) => upload.ack(message),
    });
    picker.tell({ type: "ready" });
    return () => {
      upload.stop("");
      unhear();
    };
  };
}
