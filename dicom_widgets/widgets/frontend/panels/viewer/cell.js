// One cell of a viewer: a viewport, and where a series is dropped.
import { make } from "../../dom/elements.js";
import { modelOf } from "../../runtime/register.js";
import { SERIES } from "../series.js";

export class Cell {
  /** @param {{touch: () => void, drop: (path: string) => void}} does what a press and a dropped series do */
  constructor(does) {
    this.element = make("div", { className: "dw-cell", role: "group" });
    /** @type {View | null} */
    this.view = null;
    /** @type {Surface | null} */
    this.surface = null;
    this.life = new AbortController();
    this.unmount = () => {};
    const { element } = this;
    const on = (/** @type {string} */ type, /** @type {(e: any) => void} */ listener) =>
      element.addEventListener(type, listener, { capture: true, signal: this.life.signal });
    on("focusin", does.touch);
    on("dragover", (/** @type {DragEvent} */ e) => {
      if (!e.dataTransfer?.types.includes(SERIES)) return;
      e.preventDefault();
      e.stopPropagation();
      e.dataTransfer.dropEffect = "copy";
      element.classList.add("dw-over");
    });
    on("dragleave", (e) => {
      if (!element.contains(e.relatedTarget)) element.classList.remove("dw-over");
    });
    on("drop", (/** @type {DragEvent} */ e) => {
      element.classList.remove("dw-over");
      const path = e.dataTransfer?.getData(SERIES);
      if (!path) return;
      e.preventDefault();
      e.stopPropagation();
      this.view?.box.focus({ preventScroll: true });
      does.drop(path);
    });
  }

  /**
   * Mounts a viewport in the cell, unless the cell was left meanwhile.
   * @param {WidgetManager} manager
   * @param {string} id of the viewport's model
   * @param {(mounting: Mounting) => () => void} mount
   * @param {Omit<Cells, "take">} cells
   * @returns {Promise<boolean>} whether it did
   */
  async enter(manager, id, mount, cells) {
    const { element, life } = this;
    try {
      const model = await modelOf(manager, id);
      if (life.signal.aborted) return false;
      const take = (/** @type {View} */ view, /** @type {Surface} */ surface) => Object.assign(this, { view, surface });
      this.unmount = mount({ model, el: element, signal: life.signal, cells: { ...cells, take } });
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      element.textContent = `This view has lost its kernel (${why}). Run its cell again.`;
      return false;
    }
  }

  leave() {
    this.life.abort();
    this.unmount();
    this.element.remove();
  }
}
