import { make, styled } from "../dom/elements.js";
import { isPlain } from "../dom/keys.js";
import { say } from "../runtime/page.js";

const LATER = 1000; // ms without news before a picture is made anew: its series may still grow

export const SERIES = "application/x-dicom-widgets-series"; // what is dragged from the list

export function seriesPart({client}) {
  return function mount({model, el}) {
    styled();
    const root = make("div", {parent: el, className: "dw-series", role: "group", "aria-label": "Series"});
    Object.assign(el.style, {position: "relative", minHeight: model.get("height")}); // as tall as what stands beside it
    const pictures = new Map(); // path -> {count, canvas}; they outlive the cards
    const asked = new Map(); // path -> the count that was asked for last
    let timer = 0;
    const cards = () => [...root.querySelectorAll(".dw-card")];
    const ask = ({path, count}) => { asked.set(path, count); say(model, {type: "thumbnail", client, path, count: +count}); };
    const seen = new IntersectionObserver(entries => { // what is looked at is asked for
      for (const {target: {dataset}, isIntersecting} of entries) if (isIntersecting && dataset.image && !asked.has(dataset.path)) ask(dataset);
    }, {root});
    const renew = () => { // it has grown, or the answer was lost
      for (const {dataset} of cards()) if (asked.has(dataset.path) && pictures.get(dataset.path)?.count !== +dataset.count) ask(dataset);
    };

    const card = ({path, title, detail, tile, count, image, part}, chosen) => make("div", {
      className: part ? "dw-card dw-part" : "dw-card", role: "button", tabIndex: 0, draggable: true, "aria-pressed": path === chosen,
      "data-path": path, "data-count": count, "data-image": image ? "yes" : "",
      title: "Show it in the active cell, or drag it into another one",
      on: {
        click: () => say(model, {type: "show", client, path}),
        dragstart: e => { e.dataTransfer.setData(SERIES, path); e.dataTransfer.effectAllowed = "copy"; e.stopPropagation(); },
      },
    }, make("span", {className: "dw-tile", text: tile}), make("span", {}, document.createTextNode(title), make("small", {text: detail})));
    const dress = element => {
      const made = pictures.get(element.dataset.path);
      if (made) element.firstChild.replaceChildren(made.canvas);
    };

    let revealed = "";
    const reveal = path => { // by the list alone: the notebook stays where it is
      const c = path !== revealed && cards().find(({dataset}) => dataset.path === path);
      if (!c) return;
      revealed = path;
      const list = root.getBoundingClientRect(), at = c.getBoundingClientRect();
      root.scrollTop += Math.min(0, at.top - list.top - 4) + Math.max(0, at.bottom - list.bottom + 4);
    };
    const hear = (msg, buffers) => {
      if (msg.type === "chosen") for (const c of cards()) c.setAttribute("aria-pressed", c.dataset.path === msg.chosen);
      if (msg.type === "chosen") reveal(msg.chosen);
      if (msg.type === "thumbnail" && buffers?.length) picture(msg, buffers[0]);
      if (msg.type !== "series") return;
      const focused = document.activeElement?.dataset?.path, held = root.contains(document.activeElement);
      seen.disconnect();
      root.replaceChildren(...msg.studies.flatMap(study => [make("h4", {text: study.title, title: study.title}), ...study.series.map(s => card(s, msg.chosen))]));
      if (!msg.studies.length) make("small", {parent: root, text: "No series yet: what is retrieved or loaded appears here."});
      for (const c of cards()) {
        dress(c);
        seen.observe(c);
        if (held && c.dataset.path === focused) c.focus({preventScroll: true});
      }
      reveal(msg.chosen);
      clearTimeout(timer);
      timer = setTimeout(renew, LATER);
    };
    async function picture({path, count}, bytes) {
      const image = await createImageBitmap(new Blob([bytes], {type: "image/png"})), canvas = make("canvas", {width: image.width, height: image.height});
      canvas.getContext("2d").drawImage(image, 0, 0);
      pictures.set(path, {count, canvas});
      for (const c of cards()) if (c.dataset.path === path) dress(c);
    }
    root.addEventListener("keydown", e => {
      if (!isPlain(e)) return;
      e.stopPropagation(); // JupyterLab would delete cells at `d d`
      const all = cards(), at = all.indexOf(document.activeElement), to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1}[e.key];
      if (at >= 0 && (e.key === "Enter" || e.key === " ")) all[at].click();
      else if (to !== undefined) all[to]?.focus();
      else return;
      e.preventDefault();
    });
    model.on("msg:custom", hear);
    say(model, {type: "ready", client});
    return () => { model.off("msg:custom", hear); seen.disconnect(); clearTimeout(timer); };
  };
}
