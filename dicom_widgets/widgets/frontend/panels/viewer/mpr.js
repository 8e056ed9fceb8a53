import { make, styled } from "../../dom/elements.js";
import { isPlain } from "../../dom/keys.js";
import { say } from "../../runtime/page.js";
import { modelOf } from "../../runtime/register.js";
import { reveal } from "../../view/state/panels_below.js";
import { viewportPart } from "../../view/viewport.js";

const SLABS = [0, 3, 5, 10, 20, 40]; // mm

export function mprPart(shared) {
  const mountView = viewportPart(shared);
  return async function mount({model, el, signal}) {
    styled();
    const root = make("div", {parent: el, className: "dw-mpr"}), bars = make("div", {parent: root, className: "dw-mpr-bars"});
    root.style.width = model.get("width");
    const slabs = make("div", {className: "dw-own"}), planes = make("div", {parent: root, className: "dw-mpr-planes"});
    const note = make("div", {parent: root, className: "dw-mpr-note", role: "status", hidden: true});
    let n = 0;
    const tell = () => { mode.disabled = !+slab.value; say(model, {type: "slab", client: shared.client, n: ++n, slab: slab.value, mode: mode.value}); };
    const select = (title, label) => make("select", {parent: slabs, title, "aria-label": label, on: {change: tell}});
    const slab = select("Thickness of the planes [k]", "Slab"), mode = select("What is shown of a slab [K]", "Slab mode");
    const hear = msg => {
      if (msg.type !== "mpr" || (msg.echo[0] === shared.client && msg.echo[1] < n)) return; // else the hand is ahead
      const choices = [...new Set([...SLABS, msg.slab])].sort((a, b) => a - b);
      slab.replaceChildren(...choices.map(mm => make("option", {value: mm, text: mm ? `Slab ${mm} mm` : "One voxel"})));
      mode.replaceChildren(...msg.modes.map(name => make("option", {value: name, text: name})));
      [slab.value, mode.value, mode.disabled] = [msg.slab, msg.mode, !msg.slab];
      note.textContent = msg.note;
      note.hidden = !msg.note;
      bars.hidden = !planes.children.length;
    };
    model.on("msg:custom", hear);
    const next = list => { list.selectedIndex = (list.selectedIndex + 1) % list.length; tell(); };
    root.addEventListener("keydown", e => {
      if (!isPlain(e) || e.target.matches("select, input") || !"kK".includes(e.key)) return;
      e.stopPropagation();
      next(e.key === "k" ? slab : mode);
    }, {capture: true, signal});
    slabs.addEventListener("keydown", e => { if (isPlain(e) && e.key !== "Escape") e.stopPropagation(); }, {signal});
    const views = await Promise.all(model.get("views").map(ref => modelOf(model.widget_manager, ref)));
    const own = [], turnTo = bar => {
      own.forEach(b => { b.hidden = b !== bar; });
      bar.querySelector(".dw-controls").prepend(slabs);
    };
    const ends = views.map((child, i) => {
      const cell = make("div", {parent: planes}), end = mountView({model: child, el: cell, signal});
      const bar = cell.querySelector(".dw-bar");
      bars.append(bar);
      own.push(bar);
      cell.addEventListener("focusin", () => turnTo(bar), {signal});
      return end;
    });
    if (own.length) turnTo(own[0]);
    reveal(shared, "planes", root);
    say(model, {type: "ready", client: shared.client});
    return () => { model.off("msg:custom", hear); ends.forEach(end => end()); };
  };
}
