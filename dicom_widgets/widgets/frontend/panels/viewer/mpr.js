// Three planes beside each other, one toolbar for the one that the hand is on, and the slab of all of them.
import { make } from "../../dom/elements.js";
import { isPlain, keepPlainButEscape } from "../../dom/keys.js";
import { hear, say } from "../../runtime/page.js";
import { modelOf } from "../../runtime/register.js";
import { reveal } from "../../view/state/panels_below.js";
import { viewportPart } from "../../view/viewport.js";

/** Thicknesses that can be chosen, in mm; 0 is one voxel. */
const SLABS = [0, 3, 5, 10, 20, 40];

class Planes {
  /**
   * @param {Model} model
   * @param {Element} el
   * @param {string} client
   * @param {AbortSignal} signal
   */
  constructor(model, el, client, signal) {
    this.model = model;
    this.client = client;
    this.signal = signal;
    const root = make("div", { parent: el, className: "dw-mpr" });
    this.root = root;
    root.style.width = model.get("width");
    this.bars = make("div", { parent: root, className: "dw-mpr-bars" });
    this.planes = make("div", { parent: root, className: "dw-mpr-planes" });
    this.note = make("div", { parent: root, className: "dw-mpr-note", role: "status", hidden: true });
    /** What stands in the toolbar of the plane that the hand is on. */
    this.slabs = make("div", { className: "dw-own" });
    this.slab = this.list("Thickness of the planes [k]", "Slab");
    this.mode = this.list("What is shown of a slab [K]", "Slab mode");
    /** The toolbars of the planes. @type {HTMLElement[]} */
    this.own = [];
    this.n = 0;
    this.slabs.addEventListener("keydown", keepPlainButEscape, { signal });
    root.addEventListener("keydown", (e) => this.key(e), { capture: true, signal });
  }

  /** @type {(title: string, label: string) => HTMLSelectElement} */
  list(title, label) {
    return make("select", { parent: this.slabs, title, "aria-label": label, on: { change: () => this.tell() } });
  }

  /** Tells the kernel which slab was chosen. */
  tell() {
    const { slab, mode, client } = this;
    mode.disabled = !+slab.value;
    say(this.model, { type: "slab", client, n: ++this.n, slab: slab.value, mode: mode.value });
  }

  /** @param {{echo: [string, number], slab: number, mode: string, modes: string[], note: string}} message */
  show({ echo, slab, mode, modes, note }) {
    if (echo[0] === this.client && echo[1] < this.n) return; // the hand is ahead
    const choices = [...new Set([...SLABS, slab])].sort((a, b) => a - b);
    const words = (/** @type {number} */ mm) => (mm ? `Slab ${mm} mm` : "One voxel");
    this.slab.replaceChildren(...choices.map((mm) => make("option", { value: mm, text: words(mm) })));
    this.mode.replaceChildren(...modes.map((name) => make("option", { value: name, text: name })));
    this.slab.value = String(slab);
    this.mode.value = mode;
    this.mode.disabled = !slab;
    this.note.textContent = note;
    this.note.hidden = !note;
    this.bars.hidden = !this.planes.children.length;
  }

  /** @param {KeyboardEvent} e */
  key(e) {
    const target = /** @type {Element} */ (e.target);
    if (!isPlain(e) || target.matches("select, input") || !"kK".includes(e.key)) return;
    e.stopPropagation();
    const list = e.key === "k" ? this.slab : this.mode;
    list.selectedIndex = (list.selectedIndex + 1) % list.length;
    this.tell();
  }

  /** Shows one toolbar. @param {HTMLElement} bar */
  turnTo(bar) {
    for (const b of this.own) b.hidden = b !== bar;
    bar.querySelector(".dw-controls")?.prepend(this.slabs);
  }

  /**
   * Adds a plane; returns what ends it.
   * @type {(model: Model, mount: (mounting: Mounting) => () => void) => () => void}
   */
  add(model, mount) {
    const { signal } = this;
    const cell = make("div", { parent: this.planes });
    const end = mount({ model, el: cell, signal });
    const bar = /** @type {HTMLElement} */ (cell.querySelector(".dw-bar"));
    this.bars.append(bar);
    this.own.push(bar);
    cell.addEventListener("focusin", () => this.turnTo(bar), { signal });
    return end;
  }
}

/** @param {Shared} shared @returns {Mount} */
export function mprPart(shared) {
  const mountView = viewportPart(shared);
  return async function mount({ model, el, signal }) {
    const planes = new Planes(model, el, shared.client, signal);
    const unhear = hear(model, { mpr: (message) => planes.show(message) });
    /** @type {string[]} */
    const refs = model.get("views");
    const models = await Promise.all(refs.map((ref) => modelOf(model.widget_manager, ref)));
    const ends = models.map((child) => planes.add(child, mountView));
    if (planes.own.length) planes.turnTo(planes.own[0]);
    reveal(shared, "planes", planes.root);
    say(model, { type: "ready", client: shared.client });
    return () => {
      unhear();
      ends.forEach((end) => end());
    };
  };
}
