import { clamp } from "../../core/numbers.js";
import { make, styled } from "../../dom/elements.js";
import { isPlain } from "../../dom/keys.js";
import { dropped, sized, uploader } from "./upload.js";
import { say } from "../../runtime/page.js";

export function pickerPart({client}) {
  return function mount({model, el}) {
    styled();
    const tell = message => say(model, {...message, client});
    const root = make("div", {parent: el, className: "dw-picker dw-browser", role: "group", "aria-label": "Files"});
    const bar = make("div", {parent: root, className: "dw-actions"});
    make("button", {parent: bar, type: "button", text: "↑ Up", title: "The folder above [Backspace]", on: {click: () => tell({type: "up"})}});
    const path = make("input", {parent: bar, className: "dw-path", type: "text", "aria-label": "Folder or file", spellcheck: false, on: {
      change: () => tell({type: "path", name: path.value}), keydown: e => { if (isPlain(e)) e.stopPropagation(); },
    }});
    const recent = make("select", {parent: bar, title: "Recent places", "aria-label": "Recent places", on: {
      change: () => { if (recent.value !== "") tell({type: "recent", index: +recent.value}); },
    }});
    const filter = make("input", {parent: bar, type: "search", placeholder: "Filter", "aria-label": "Filter by name", on: {
      input: () => { clearTimeout(filter.timer); filter.timer = setTimeout(() => tell({type: "filter", words: filter.value}), 200); },
      keydown: e => { if (isPlain(e)) e.stopPropagation(); },
    }});
    make("button", {parent: bar, type: "button", text: "Open folder", title: "Browse this folder as a medium", on: {click: () => tell({type: "open", name: null})}});
    const list = make("div", {parent: root, className: "dw-files", role: "listbox", tabIndex: 0, "aria-label": "Files of the folder"});
    list.style.height = model.get("height");
    const foot = make("div", {parent: root, className: "dw-actions"});
    const [files, folder] = [{multiple: true}, {webkitdirectory: true}].map(kind => make("input", {parent: foot, type: "file", hidden: true, ...kind, on: {change: e => {
      upload.start([...e.target.files].map(f => [f, f.webkitRelativePath || f.name]));
      e.target.value = "";
    }}}));
    make("button", {parent: foot, type: "button", text: "⇪ Upload files", title: "From your own machine; or drop them here", on: {click: () => files.click()}});
    make("button", {parent: foot, type: "button", text: "⇪ Upload a folder", on: {click: () => folder.click()}});
    const done = make("progress", {parent: foot, max: 1, hidden: true});
    const cancel = make("button", {parent: foot, type: "button", text: "Cancel", hidden: true, on: {click: () => upload.cancel()}});
    const status = make("div", {parent: foot, className: "dw-status", role: "status"});
    const upload = uploader(model, (words, fraction) => {
      done.hidden = cancel.hidden = fraction === null;
      done.value = fraction ?? 0;
      if (words) { status.textContent = words; status.classList.remove("dw-error"); }
    });

    const rows = () => [...list.children].filter(r => r.dataset.name !== undefined);
    const choose = row => {
      for (const r of rows()) r.setAttribute("aria-selected", r === row);
      row?.scrollIntoView({block: "nearest"});
    };
    const enter = row => row && tell({type: "enter", name: row.dataset.name});
    const entry = ({name, folder, size, mark}) => make("div", {
      role: "option", "data-name": name, title: `Double click or Enter: ${folder ? "look into it" : "open it"}`,
      on: {click: e => { list.focus(); choose(e.currentTarget); }, dblclick: e => enter(e.currentTarget)},
    }, ...[
      {text: folder ? "▸" : mark === "DICOMDIR" ? "◎" : "▫", "aria-hidden": "true"},
      {className: "dw-name", text: name}, {className: "dw-kind", text: mark}, {className: "dw-size", text: sized(size)},
    ].map(part => make("span", part)));
    list.addEventListener("keydown", e => {
      if (!isPlain(e)) return;
      e.stopPropagation();
      const all = rows(), at = all.findIndex(r => r.getAttribute("aria-selected") === "true");
      const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1, PageDown: at + 10, PageUp: at - 10}[e.key];
      if (to !== undefined) choose(all[clamp(to, 0, all.length - 1)]);
      else if (e.key === "Enter") enter(all[at]);
      else if (e.key === "Backspace") tell({type: "up"});
      else if (e.key.length === 1) choose(all.find((r, i) => i > at && r.dataset.name.toLowerCase().startsWith(e.key)) ?? all[at]);
      else return;
      e.preventDefault();
    });
    const over = on => e => {
      if (![...e.dataTransfer.types].includes("Files")) return;
      e.preventDefault();
      e.stopPropagation();
      root.classList.toggle("dw-over", on);
    };
    root.addEventListener("dragenter", over(true));
    root.addEventListener("dragover", over(true));
    root.addEventListener("dragleave", over(false));
    root.addEventListener("drop", async e => { over(false)(e); upload.start(await dropped(e.dataTransfer)); });

    const hear = msg => {
      if (msg.type === "folder") {
        path.value = msg.path;
        if (filter.value.toLowerCase() !== msg.filter) filter.value = msg.filter;
        recent.replaceChildren(make("option", {value: "", text: "Recent …"}), ...msg.recent.map((p, i) => make("option", {value: i, text: p})));
        recent.disabled = !msg.recent.length;
        list.replaceChildren(...msg.entries.map(entry));
        if (!msg.entries.length) make("div", {parent: list, className: "dw-hint", text: msg.filter ? "No name has this in it." : "Nothing here."});
        if (msg.more) make("div", {parent: list, className: "dw-hint", text: `${msg.more} more: type into the filter to find them.`});
      } else if (msg.type === "status") {
        status.textContent = msg.words;
        status.classList.toggle("dw-error", msg.error);
        if (msg.error) upload.end();
      } else if (msg.type === "go") upload.go(msg);
      else if (msg.type === "ack") upload.ack(msg);
    };
    model.on("msg:custom", hear);
    tell({type: "ready"});
    return () => { upload.end(); model.off("msg:custom", hear); };
  };
}
