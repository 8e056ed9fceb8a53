import { clamp } from "../../core/numbers.js";
import { make, styled } from "../../dom/elements.js";
import { isPlain } from "../../dom/keys.js";
import { doctorList } from "../findings.js";
import { say } from "../../runtime/page.js";

const FIELDS = [
  ["PatientName", "Patient name", "text", "Doe* or *山田*"], ["PatientID", "Patient ID", "text", ""],
  ["from", "Study date from", "date", ""], ["to", "to", "date", ""],
  ["ModalitiesInStudy", "Modality", "text", "CT"], ["AccessionNumber", "Accession", "text", ""],
  ["StudyDescription", "Description", "text", "*head*"],
];

const COLUMNS = ["Patient / series / instance", "ID", "Date", "Modality", "Description", "Images", "Here", "Birth date", "Accession"];

export function browserPart({client}) {
  return function mount({model, el, signal}) {
    styled();
    const root = make("div", {parent: el, className: "dw-browser", role: "group", "aria-label": "Studies"});
    const tell = message => say(model, {...message, client});
    const view = {rows: [], open: new Set(), selected: null, remotes: [], address: ""};

    const form = make("form", {parent: root, className: "dw-form", on: {submit: e => { e.preventDefault(); ask(); }}});
    const remote = make("select", {"aria-label": "Remote AE"});
    make("label", {parent: form, text: "Remote AE"}, remote);
    const inputs = {};
    for (const [name, label, type, placeholder] of FIELDS) {
      inputs[name] = make("input", {type, placeholder, maxLength: 64, "aria-label": label, "data-key": name});
      make("label", {parent: form, text: label}, inputs[name]);
    }
    const deep = make("input", {type: "checkbox", title: "Ask for all series and images of what matches"});
    make("label", {parent: form, className: "dw-check", text: "with series and images"}, deep);
    make("button", {parent: form, type: "submit", className: "dw-query", text: "Query"});
    const examine = make("button", {parent: form, type: "button", className: "dw-examine", text: "Doctor", title: "Try every step of the connection, and say what to do",
      on: {click: () => tell({type: "doctor", remote: remote.value})}});
    const ask = () => tell({type: "query", remote: remote.value, deep: deep.checked, keys: Object.fromEntries(Object.entries(inputs).map(([k, i]) => [k, i.value]))});

    const scroll = make("div", {parent: root, className: "dw-table", tabIndex: 0, role: "treegrid", "aria-label": "Results"});
    const table = make("table", {parent: scroll, role: "presentation"});
    make("thead", {parent: table, role: "rowgroup"}, make("tr", {role: "row"}, ...COLUMNS.map(text => make("th", {text, role: "columnheader"}))));
    const body = make("tbody", {parent: table, role: "rowgroup"});

    const actions = make("div", {parent: root, className: "dw-actions"});
    const chosen = () => view.selected ?? "";
    const button = (text, className, click, title) => make("button", {parent: actions, type: "button", text, className, title, on: {click}});
    const bring = (type, path) => tell({type, path, way: way.value});
    const open = button("View", "dw-view", () => bring("view", chosen()), "Retrieve if needed, and show it (double click)");
    const fetch = button("Retrieve", "dw-retrieve", () => bring("retrieve", chosen()), "Bring the selected study, series or instance into the session");
    const way = make("select", {className: "dw-way", "aria-label": "Way of retrieval", on: {change: hint}});
    const by = make("label", {parent: actions, text: "by"}, way);
    const stop = button("Cancel", "dw-cancel", () => tell({type: "cancel"}), "Stop; what was found or arrived is kept");
    const bar = make("progress", {parent: actions, hidden: true});
    const words = make("div", {parent: actions, className: "dw-status", role: "status"});
    const note = make("div", {parent: root, className: "dw-hint", hidden: true});
    const findings = doctorList(root);
    const ledger = make("details", {parent: root, className: "dw-ledger", hidden: true});

    remote.addEventListener("change", ways);
    function ways() {
      const known = view.remotes.find(r => r.name === remote.value);
      way.replaceChildren(...(known?.ways ?? []).map(value => make("option", {value, text: value})));
      by.hidden = examine.hidden = !way.options.length;  // a medium is read directly
      hint();
    }
    function hint() {
      note.hidden = way.value !== "C-MOVE";
      note.textContent = `${remote.value} will send to ${view.address}: it has to know that AE title, host and port.`;
    }
    const listed = (label, items, more = 0) => (items.length ? [make("details", {open: label === "Did not come"},
      make("summary", {text: `${label}: ${items.length + more}`}),
      make("ul", {}, ...items.map(text => make("li", {text})), ...(more ? [make("li", {text: `and ${more} more`})] : [])))] : []);
    function account(msg) {
      ledger.hidden = false;
      ledger.open = msg.warnings.length > 0 || msg.absent.length > 0;
      ledger.replaceChildren(make("summary", {text: `Ledger: ${msg.words}`}), ...msg.warnings.map(text => make("p", {text})),
        ...listed("Did not come", msg.absent, msg.more), ...listed("Presentation contexts accepted", msg.accepted),
        ...listed("Presentation contexts refused", msg.refused));
    }

    const select = path => {
      view.selected = path;
      for (const row of body.rows) row.setAttribute("aria-selected", row.dataset.path === path);
      body.querySelector('[aria-selected="true"]')?.scrollIntoView({block: "nearest"});
      open.disabled = fetch.disabled = !path || view.busy;
      tell({type: "select", path});
    };
    const toggle = path => {
      if (view.open.has(path)) view.open.delete(path);
      else { view.open.add(path); tell({type: "expand", path}); }
      draw();
    };
    const parent = path => path.split("/").slice(0, -1).join("/");
    const visible = path => { for (let p = parent(path); p; p = parent(p)) if (!view.open.has(p)) return false; return true; };
    function draw() {
      body.replaceChildren(...view.rows.filter(r => visible(r.path)).map(r => {
        const leaf = r.level === "IMAGE";
        const twist = make("span", {className: "dw-twist", text: leaf ? "" : view.open.has(r.path) ? "▾" : "▸", on: {click: e => { e.stopPropagation(); toggle(r.path); }}});
        const cells = r.cells.map((text, i) => make("td", {title: text, role: "gridcell"}, ...(i ? [text] : [twist, text])));
        const row = make("tr", {className: `dw-level-${r.level}`, role: "row", "aria-level": r.path.split("/").length, "aria-selected": r.path === view.selected, on: {
          click: () => select(r.path), dblclick: () => bring("view", r.path),
        }}, ...cells);
        row.dataset.path = r.path;
        if (!leaf) row.setAttribute("aria-expanded", view.open.has(r.path));
        return row;
      }));
    }
    scroll.addEventListener("keydown", e => {
      if (!isPlain(e)) return;
      e.stopPropagation();
      const shown = [...body.rows].map(r => r.dataset.path), i = shown.indexOf(view.selected);
      if (e.key === "ArrowDown" || e.key === "ArrowUp") select(shown[clamp(i + (e.key === "ArrowDown" ? 1 : -1), 0, shown.length - 1)]);
      else if (e.key === "ArrowRight" && view.selected && !view.open.has(view.selected)) toggle(view.selected);
      else if (e.key === "ArrowLeft" && view.open.has(view.selected)) toggle(view.selected);
      else if (e.key === "Enter" && view.selected) { view.keyed = true; bring("view", view.selected); }
      else return;
      e.preventDefault();
    }, {signal});
    form.addEventListener("keydown", e => { if (isPlain(e) || e.key === "Enter") e.stopPropagation(); }, {signal});

    // Who pressed Enter has no mouse: the image of the viewer in which the browser stands takes the focus, and comes into view.
    const follow = () => el.parentElement.querySelector(".dw-cell[aria-current=true] .dw-surface")?.focus();
    const hear = msg => {
      if (msg.type === "remotes") {
        Object.assign(view, {remotes: msg.remotes, address: msg.address});
        remote.replaceChildren(...msg.remotes.map(({name, words}) => make("option", {value: name, text: words})));
        if (msg.chosen) remote.value = msg.chosen;
        open.hidden = !msg.views;
        ways();
      } else if (msg.type === "findings") {
        findings.clear();
        msg.findings.forEach(findings.add);
      } else if (msg.type === "finding") {
        findings.add(msg.finding);
      } else if (msg.type === "viewed") {
        if (view.keyed && document.activeElement === scroll) follow();
        view.keyed = false;
      } else if (msg.type === "ledger") {
        account(msg);
      } else if (msg.type === "rows") {
        view.rows = msg.rows;
        for (const path of msg.open ?? []) view.open.add(path);
        if (!view.rows.some(r => r.path === view.selected)) view.selected = null;
        draw();
      } else if (msg.type === "status") {
        view.busy = msg.busy;
        words.textContent = msg.words;
        words.classList.toggle("dw-error", !!msg.error);
        bar.hidden = !msg.busy;
        if (msg.fraction === null || msg.fraction === undefined) bar.removeAttribute("value");
        else bar.value = msg.fraction;
        stop.disabled = !msg.busy;
        open.disabled = fetch.disabled = !view.selected || msg.busy;
      }
    };
    model.on("msg:custom", hear);
    tell({type: "ready"});
    return () => model.off("msg:custom", hear);
  };
}
