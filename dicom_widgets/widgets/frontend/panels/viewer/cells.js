// Viewports in rows and columns. One is active: its toolbar stands above all of them, and a series is shown there.
import { make } from "../../dom/elements.js";
import { keepPlainButEscape } from "../../dom/keys.js";
import { say } from "../../runtime/page.js";
import { LINKS } from "../../view/state/links.js";
import { attend } from "../../view/state/reference_lines.js";
import { viewportPart } from "../../view/viewport.js";
import { Cell } from "./cell.js";
import { layoutMenu, linkMenu } from "./menus.js";

class ViewerCells {
  /**
   * @param {Model} model
   * @param {Element} el
   * @param {Shared} shared
   */
  constructor(model, el, shared) {
    this.model = model;
    this.client = shared.client;
    this.mount = viewportPart(shared);
    const root = make("div", { parent: el, className: "dw-cells", role: "group", "aria-label": "Images" });
    this.host = make("div", { parent: root, className: "dw-host" });
    /** What stands in the toolbar of the active view. */
    this.own = make("div", { parent: this.host, className: "dw-own" });
    this.grid = make("div", { parent: root, className: "dw-grid" });
    /** Cells by the id of their viewport's model. @type {Map<string, Cell>} */
    this.cells = new Map();
    this.layout = layoutMenu(this.own, (shape) => this.set("grid", shape));
    this.links = linkMenu(this.own, (kinds) => this.set("links", kinds));
    this.own.addEventListener("keydown", keepPlainButEscape);
    /** What a view may ask of its viewer. @type {Omit<Cells, "take">} */
    this.asked = {
      uid: model.get("uid"),
      links: () => model.get("links"),
      layout: this.layout.open,
      hang: () => say(model, { type: "hang" }),
      hung: () => model.get("hung"),
      link: () => this.set("links", model.get("links").length ? [] : Object.keys(LINKS)),
    };
  }

  /** The models of the viewports. @returns {string[]} */
  get ids() {
    return this.model.get("viewports").map((/** @type {string} */ ref) => ref.replace(/^IPY_MODEL_/, ""));
  }

  /** @type {(name: string, value: any) => void} */
  set(name, value) {
    this.model.set(name, value);
    try {
      this.model.save_changes();
    } catch {
      /* the kernel is gone */
    }
  }

  /** @param {string} id */
  enter(id) {
    const cell = new Cell({
      touch: () => {
        const at = this.ids.indexOf(id);
        if (at >= 0 && at !== this.model.get("active")) this.set("active", at);
      },
      drop: (path) => say(this.model, { type: "drop", client: this.client, path, cell: id }),
    });
    cell.enter(this.model.widget_manager, id, this.mount, this.asked).then((entered) => entered && this.update());
    return cell;
  }

  /** Follows a change of viewports, or of rows and columns. */
  place() {
    const { ids, grid, cells, model } = this;
    const [rows, columns] = model.get("grid");
    for (const [id, cell] of cells) {
      if (ids.includes(id)) continue;
      cell.leave();
      cells.delete(id);
    }
    ids.forEach((id, i) => {
      const cell = cells.get(id) ?? this.enter(id);
      cells.set(id, cell);
      const { element } = cell;
      if (grid.children[i] !== element) grid.insertBefore(element, grid.children[i] ?? null);
      element.setAttribute("aria-label", `Cell ${i + 1} of ${ids.length}`);
    });
    grid.style.height = model.get("height");
    grid.style.gridTemplate = `repeat(${rows}, minmax(0, 1fr)) / repeat(${columns}, minmax(0, 1fr))`;
    grid.dataset.grid = `${rows}x${columns}`;
    this.layout.update(rows, columns);
    this.update();
  }

  /** Follows a change of the active one, or of links. */
  update() {
    const { ids, cells, model, host, own } = this;
    const active = cells.get(ids[Math.min(model.get("active"), ids.length - 1)]);
    for (const cell of cells.values()) {
      cell.element.classList.toggle("dw-active", cell === active && ids.length > 1);
      cell.element.setAttribute("aria-current", String(cell === active));
    }
    this.links.update(model.get("links"), ids.length > 1);
    for (const { surface } of cells.values()) surface?.paint(); // what it says of links
    if (!active?.view || !active.surface) return;
    if (host.firstChild !== active.view.bar) {
      const { activeElement } = document;
      const focused = own.contains(activeElement) ? /** @type {HTMLElement} */ (activeElement) : null;
      host.replaceChildren(active.view.bar);
      active.view.controls.prepend(own);
      focused?.focus({ preventScroll: true });
    }
    attend(active.surface);
  }
}

/** @param {Shared} shared @returns {Mount} */
export function cellsPart(shared) {
  return function mount({ model, el }) {
    const viewer = new ViewerCells(model, el, shared);
    const [place, update] = [() => viewer.place(), () => viewer.update()];
    const table = Object.entries({
      viewports: place,
      grid: place,
      height: place,
      active: update,
      links: update,
      hung: update,
    });
    for (const [name, method] of table) model.on(`change:${name}`, method);
    place();
    return () => {
      for (const [name, method] of table) model.off(`change:${name}`, method);
      for (const cell of viewer.cells.values()) cell.leave();
    };
  };
}
