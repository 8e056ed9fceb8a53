// The series that the session holds; a click shows one.
function seriesPart({client}) {
  return function mount({model, el}) {
    styled();
    const root = make("div", {parent: el, className: "dw-series", role: "group", "aria-label": "Series"});
    root.style.height = model.get("height");
    const hear = msg => {
      if (msg.type === "chosen") for (const b of root.querySelectorAll("button")) b.setAttribute("aria-pressed", b.dataset.path === msg.chosen);
      if (msg.type !== "series") return;
      root.replaceChildren(...msg.studies.flatMap(study => [
        make("h4", {text: study.title, title: study.title}),
        ...study.series.map(({path, title, detail}) => make("button", {
          type: "button", "aria-pressed": path === msg.chosen, "data-path": path, on: {click: () => say(model, {type: "show", client, path})},
        }, document.createTextNode(title), make("small", {text: detail}))),
      ]));
      if (!msg.studies.length) make("small", {parent: root, text: "No series yet: query and view one above."});
    };
    model.on("msg:custom", hear);
    say(model, {type: "ready", client});
    return () => model.off("msg:custom", hear);
  };
}
