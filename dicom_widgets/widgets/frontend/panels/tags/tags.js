import { clamp } from "../../core/numbers.js";
import { toClipboard } from "../../dom/clipboard.js";
import { make, styled } from "../../dom/elements.js";
import { isPlain } from "../../dom/keys.js";
import { TAG_COLUMNS, counted, elementLine, moreLine } from "./tag_rows.js";
import { say } from "../../runtime/page.js";

const TEXTS = new Set(["ST", "LT", "UT"]); // may have several lines, of which a row shows one

export function tagsPart(shared) {
  return function mount({model, el, signal}) {
    styled();
    const me = Math.random().toString(36).slice(2), id = `dw-tags-${me}`;
    let nodes = 0;
    const node = (row, level) => ({id: nodes++, row, level, path: row ? row.path.join("/") : "", open: false, rows: null, total: 0});
    const view = {root: node(null, 0), found: null, shown: [], selected: null, n: 0, whole: null, open: new Set(), asked: new Map()};
    const switches = () => ({private: personal.checked, empty: empty.checked});
    const tell = message => say(model, {...message, view: me});

    const root = make("div", {parent: el, className: "dw-tags", role: "group", "aria-label": "Tag browser"});
    const head = make("div", {parent: root, className: "dw-tags-head"});
    const title = make("b", {parent: head}), detail = make("span", {parent: head, className: "dw-hint"});
    const status = make("div", {parent: head, className: "dw-status", role: "status"});
    const bar = make("div", {parent: root, className: "dw-actions"});
    const search = make("input", {
      parent: bar, type: "search", maxLength: 200, "aria-label": "Search", placeholder: "Search: 0010,0010 or words of a name or a value  ( / )",
    });
    const tick = (text, title) => {
      const box = make("input", {type: "checkbox", checked: true});
      make("label", {parent: bar, className: "dw-tags-switch", title}, box, text);
      return box;
    };
    const personal = tick("private", "Show private elements"), empty = tick("empty", "Show elements without a value");
    const button = (text, className, click, title) => make("button", {parent: bar, type: "button", text, className, title, disabled: true, on: {click}});
    const copies = [
      button("Copy value", "dw-copy-value", () => copyValue(), "Copy the value of the selected row (Enter)"),
      button("Copy row", "dw-copy-row", () => copyRow(), "Copy tag, VR, name and value, with tabulators between them"),
      button("Copy expression", "dw-copy-expression", () => copy(chosen().expression), "Copy how pydicom is asked for it"),
    ];
    const scroll = make("div", {parent: root, className: "dw-table", tabIndex: 0, role: "treegrid", "aria-label": "Elements"});
    scroll.style.height = model.get("height");
    const table = make("table", {parent: scroll, role: "presentation"});
    const heads = TAG_COLUMNS.map(text => make("th", {text, role: "columnheader", className: `dw-tags-${text.toLowerCase()}`}));
    make("thead", {parent: table, role: "rowgroup"}, make("tr", {role: "row"}, ...heads));
    const body = make("tbody", {parent: table, role: "rowgroup"});
    const pane = make("div", {parent: root, className: "dw-tags-pane", role: "region", "aria-label": "Selected element", tabIndex: 0, hidden: true});

    const told = (words, error = false) => { status.textContent = status.title = words; status.classList.toggle("dw-error", error); };
    const chosen = () => view.selected?.row ?? null;
    const ask = (n, start = 0) => {
      view.asked.set(n.id, n);
      tell({type: "rows", node: n.id, path: n.row?.path ?? [], start, ...switches()});
    };

    // --- the rows

    function flat(n, out = []) { // what is to be seen: rows, and where a level goes on
      for (const child of n.rows ?? []) {
        out.push(child);
        if (child.open) flat(child, out);
      }
      const left = n.total - (n.rows?.length ?? 0);
      if (n.rows && left > 0) out.push({...node(null, n.level + 1), path: `${n.path}+`, more: n, left});
      return out;
    }
    function draw() {
      view.shown = flat(view.found ?? view.root);
      body.replaceChildren(...view.shown.map(drawn));
      const last = view.selected;
      if (last && !view.shown.includes(last)) view.selected = view.shown.find(s => s.path === last.path) ?? null;
      mark();
    }
    function drawn(s, i) {
      const line = make("tr", {id: `${id}-${i}`, role: "row", "aria-level": s.level, on: {click: () => select(s)}});
      if (s.more) moreLine(line, s, () => goOn(s));
      else {
        elementLine(line, s, {found: !!view.found, fold: () => { select(s); toggle(s); }});
        line.addEventListener("dblclick", () => (s.row.children > 0 ? toggle(s) : copyValue()));
      }
      return line;
    }
    function toggle(s) {
      if (s.more) return goOn(s);
      if (!s.row.children) return undefined;
      s.open = !s.open;
      if (s.open) view.open.add(s.path); else view.open.delete(s.path);
      if (s.open && !s.rows) return ask(s);
      return draw();
    }
    const goOn = s => ask(s.more, s.more.rows.length);

    // --- the selected row

    function mark() {
      view.shown.forEach((s, i) => body.rows[i].setAttribute("aria-selected", s === view.selected));
      const i = view.shown.indexOf(view.selected);
      if (i < 0) scroll.removeAttribute("aria-activedescendant");
      else {
        scroll.setAttribute("aria-activedescendant", `${id}-${i}`);
        reveal(body.rows[i]);
      }
      const r = chosen();
      for (const b of copies) b.disabled = !r;
      describe(r);
    }
    function reveal(line) { // below the header, which stays; never scrolls the notebook
      const top = line.offsetTop - table.tHead.offsetHeight, bottom = line.offsetTop + line.offsetHeight;
      if (top < scroll.scrollTop) scroll.scrollTop = top;
      else if (bottom > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = bottom - scroll.clientHeight;
    }
    function select(s) {
      view.selected = s;
      mark();
    }
    let late = 0;
    function describe(r) {
      pane.hidden = !r;
      if (!r) return;
      const whole = view.whole?.path === r.path.join("/") ? view.whole : null;
      const origin = r.creator ? `private, ${r.creator}` : r.private ? "private" : "";
      const facts = [r.tag, r.keyword, r.vr, r.vm > 1 ? `${r.vm.toLocaleString("en")} values` : "", origin];
      pane.replaceChildren(make("div", {className: "dw-tags-facts", text: facts.filter(Boolean).join(" · ")}), make("code", {text: r.expression}));
      if (r.note) make("div", {parent: pane, className: "dw-tags-note", text: `⚠ ${r.note}`});
      if (r.value) make("pre", {parent: pane, text: whole?.text ?? r.value + (r.cut ? " …" : "")});
      if (r.meaning) make("div", {parent: pane, text: r.meaning});
      if (whole?.cut) {
        const words = `The first ${counted(whole.text.length, "character")}. `;
        make("div", {parent: pane, className: "dw-hint", text: words},
          ...(whole.all ? [] : [make("button", {type: "button", text: "Show more", on: {click: () => tell({type: "value", path: r.path, all: true})}})]));
      }
      clearTimeout(late);
      if (!whole && r.tag && (r.cut || TEXTS.has(r.vr))) late = setTimeout(() => tell({type: "value", path: r.path}), 120);
    }

    // --- the clipboard

    async function copy(text) {
      const words = text.length > 60 ? `${counted(text.length, "character")}` : text;
      const done = await toClipboard(text, root);
      told(done ? `Copied: ${words}` : "The browser does not allow to copy.", !done);
    }
    function copyValue() {
      const r = chosen();
      if (!r) return;
      if (r.tag && (r.cut || TEXTS.has(r.vr))) tell({type: "value", path: r.path, all: true, copy: true});
      else copy(r.value);
    }
    function copyRow() {
      const r = chosen();
      if (r) copy([r.tag || r.name, r.vr, r.keyword || r.name, r.value + (r.cut ? " …" : "")].join("\t"));
    }

    // --- what the hand does

    let typed = 0;
    function seek() {
      clearTimeout(typed);
      const words = search.value.trim();
      view.n++;
      if (words) {
        view.found = node(null, 0);
        view.found.rows = [];
        told("Searching …");
        tell({type: "search", n: view.n, words, ...switches()});
      } else {
        view.found = null;
        told(counted(view.root.total, "element"));
        draw();
      }
    }
    function renew() { // what is open is asked for again when its row has come
      view.asked.clear();
      view.root = node(null, 0);
      ask(view.root);
      if (view.found) seek();
    }
    search.addEventListener("input", () => { clearTimeout(typed); typed = setTimeout(seek, 200); }, {signal});
    for (const box of [personal, empty]) box.addEventListener("change", renew, {signal});
    search.addEventListener("keydown", e => {
      if (e.key === "Escape" && search.value) { search.value = ""; seek(); }
      else if (e.key === "Escape" || e.key === "ArrowDown" || e.key === "Enter") {
        if (e.key === "Enter") seek();
        scroll.focus();
        if (!view.selected && view.shown.length) select(view.shown[0]);
      } else return;
      e.preventDefault();
    }, {signal});
    const leave = () => { // back to the notebook, which then has its own keys
      document.activeElement?.blur();
      root.parentElement?.closest(".jp-Cell, .jp-Notebook, [tabindex]")?.focus({preventScroll: true});
    };
    scroll.addEventListener("keydown", e => {
      if (!isPlain(e)) return;
      const i = view.shown.indexOf(view.selected), s = view.shown[i], page = Math.max(1, Math.floor(scroll.clientHeight / 24) - 2);
      const to = {ArrowDown: i + 1, ArrowUp: i - 1, PageDown: i + page, PageUp: i - page, Home: 0, End: view.shown.length - 1}[e.key];
      if (to !== undefined) { if (view.shown.length) select(view.shown[clamp(to, 0, view.shown.length - 1)]); }
      else if (e.key === "ArrowRight" && s) { if (s.more || !s.open) toggle(s); else if (s.rows?.length) select(s.rows[0]); }
      else if (e.key === "ArrowLeft" && s) {
        if (s.open) toggle(s);
        else for (let up = i - 1; up >= 0; up--) if (view.shown[up].level < s.level) { select(view.shown[up]); break; }
      } else if (e.key === "Enter" && s) { if (s.more) goOn(s); else copyValue(); }
      else if (e.key === "/") search.focus();
      else if (e.key === "Escape") leave();
      else return;
      e.preventDefault();
    }, {signal});
    root.addEventListener("keydown", e => { if (isPlain(e)) e.stopPropagation(); }, {signal});

    // --- what the kernel says

    const hear = msg => {
      if (msg.to && msg.to !== me) return;
      if (msg.type === "head") {
        title.textContent = msg.title;
        detail.textContent = msg.detail;
      } else if (msg.type === "rows") {
        const at = view.asked.get(msg.node);
        if (!at || msg.start !== (at.rows?.length ?? 0)) return; // a switch was turned meanwhile, or it is here already
        const came = msg.rows.map(r => node(r, at.level + 1));
        at.rows = [...at.rows ?? [], ...came];
        at.total = msg.total;
        if (at === view.root && !view.found) told(counted(at.total, "element"));
        draw();
        const only = msg.total === 1 && came[0] && !came[0].row.tag; // the only item of a sequence is unfolded with it
        for (const s of came) if ((only || view.open.has(s.path)) && !s.open) toggle(s);
      } else if (msg.type === "found" && msg.n === view.n && view.found) {
        view.found.rows.push(...msg.rows.map(r => node(r, 1)));
        view.found.total = view.found.rows.length;
        const {total} = view.found, words = total ? `${counted(total, "element")} found` : "Nothing matches.";
        const most = `The first ${total} that match: add a word to narrow it down.`;
        told(msg.done ? (msg.more ? most : words) : "Searching …");
        draw();
      } else if (msg.type === "value") {
        if (msg.copy) copy(msg.text);
        const r = chosen();
        view.whole = {path: msg.path.join("/"), text: msg.text, cut: msg.cut, all: msg.all};
        if (r && r.path.join("/") === view.whole.path) describe(r);
      } else if (msg.type === "renew") {
        view.whole = null;
        renew();
      } else if (msg.type === "error") {
        told(msg.words, true);
      }
    };
    const resize = () => { scroll.style.height = model.get("height"); };
    reveal(shared, "tags", root);
    model.on("msg:custom", hear);
    model.on("change:height", resize);
    tell({type: "ready"});
    ask(view.root);
    return () => { model.off("msg:custom", hear); model.off("change:height", resize); clearTimeout(typed); clearTimeout(late); };
  };
}
