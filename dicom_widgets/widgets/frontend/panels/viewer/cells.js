import { make, styled } from "../../dom/elements.js";
import { isPlain } from "../../dom/keys.js";
import { SERIES } from "../series.js";
import { layoutMenu, linkMenu } from "./menus.js";
import { say } from "../../runtime/page.js";
import { modelOf } from "../../runtime/register.js";
import { LINKS } from "../../view/state/links.js";
import { attend } from "../../view/state/reference_lines.js";
import { viewportPart } from "../../view/viewport.js";

export function cellsPart(shared) {
  const mountViewport = viewportPart(shared);
  return function mount({model, el, signal}) {
    styled();
    const root = make("div", {parent: el, className: "dw-cells", role: "group", "aria-label": "Images"});
    const host = make("div", {parent: root, className: "dw-host"}), own = make("div", {parent: host, className: "dw-own"}); // own: stands in the toolbar of the active view
    const grid = make("div", {parent: root, className: "dw-grid"}), cells = new Map(); // model id -> cell
    const ids = () => model.get("viewports").map(ref => ref.replace(/^IPY_MODEL_/, ""));
    const set = (name, value) => { model.set(name, value); try { model.save_changes(); } catch { /* the kernel is gone */ } };
    const layout = layoutMenu(own, chosen => set("grid", chosen)), links = linkMenu(own, chosen => set("links", chosen));
    own.addEventListener("keydown", e => { if (isPlain(e) && e.key !== "Escape") e.stopPropagation(); }); // JupyterLab would delete cells at `d d`
    const api = {
      uid: model.get("uid"), links: () => model.get("links"), layout: layout.open,
      hang: () => say(model, {type: "hang"}), hung: () => model.get("hung"),
      link: () => set("links", model.get("links").length ? [] : Object.keys(LINKS)),
    };

    function enter(id) {
      const element = make("div", {className: "dw-cell", role: "group"}), end = new AbortController(), cell = {element, view: null, surface: null};
      const {signal: ended} = end, on = (type, f) => element.addEventListener(type, f, {capture: true, signal: ended});
      let unmount = () => {};
      const touch = () => { const at = ids().indexOf(id); if (at >= 0 && at !== model.get("active")) set("active", at); };
      on("focusin", touch);
      on("dragover", e => {
        if (!e.dataTransfer.types.includes(SERIES)) return;
        e.preventDefault();
        e.stopPropagation();
        e.dataTransfer.dropEffect = "copy";
        element.classList.add("dw-over");
      });
      on("dragleave", e => { if (!element.contains(e.relatedTarget)) element.classList.remove("dw-over"); });
      on("drop", e => {
        element.classList.remove("dw-over");
        const path = e.dataTransfer.getData(SERIES);
        if (!path) return;
        e.preventDefault();
        e.stopPropagation();
        cell.view?.box.focus({preventScroll: true});
        say(model, {type: "drop", client: shared.client, path, cell: id});
      });
      cell.leave = () => { end.abort(); unmount(); element.remove(); };
      modelOf(model.widget_manager, id).then(inner => {
        if (ended.aborted) return;
        unmount = mountViewport({model: inner, el: element, signal: ended, cells: {...api, take: (view, surface) => Object.assign(cell, {view, surface})}});
        update();
      }).catch(error => { element.textContent = `This view has lost its kernel (${error.message ?? error}). Run its cell again.`; });
      return cell;
    }

    function place() { // after a change of viewports or of rows and columns
      const now = ids(), [rows, columns] = model.get("grid");
      for (const [id, cell] of cells) if (!now.includes(id)) { cell.leave(); cells.delete(id); }
      for (const id of now) if (!cells.has(id)) cells.set(id, enter(id));
      now.forEach((id, i) => {
        const {element} = cells.get(id);
        if (grid.children[i] !== element) grid.insertBefore(element, grid.children[i] ?? null);
        element.setAttribute("aria-label", `Cell ${i + 1} of ${now.length}`);
      });
      grid.style.height = model.get("height");
      grid.style.gridTemplate = `repeat(${rows}, minmax(0, 1fr)) / repeat(${columns}, minmax(0, 1fr))`;
      grid.dataset.grid = `${rows}x${columns}`;
      layout.update(rows, columns);
      update();
    }

    function update() { // after a change of the active one, or of links
      const now = ids(), active = cells.get(now[Math.min(model.get("active"), now.length - 1)]);
      for (const cell of cells.values()) {
        cell.element.classList.toggle("dw-active", cell === active && now.length > 1);
        cell.element.setAttribute("aria-current", cell === active);
      }
      links.update(model.get("links"), now.length > 1);
      for (const {surface} of cells.values()) surface?.paint(); // what it says of links
      if (!active?.view) return;
      if (host.firstChild !== active.view.bar) {
        const focused = own.contains(document.activeElement) ? document.activeElement : null;
        host.replaceChildren(active.view.bar);
        active.view.controls.prepend(own);
        focused?.focus({preventScroll: true});
      }
      attend(active.surface);
    }

    const heard = {"change:viewports": place, "change:grid": place, "change:height": place, "change:active": update, "change:links": update, "change:hung": update};
    for (const [name, f] of Object.entries(heard)) model.on(name, f);
    place();
    return () => {
      for (const [name, f] of Object.entries(heard)) model.off(name, f);
      for (const cell of cells.values()) cell.leave();
    };
  };
}
