// A folder of the kernel's machine as a list, and files of the user's machine in pieces.
const CRC = Uint32Array.from({length: 256}, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ n >>> 1 : n >>> 1; return n; });
function crc32(bytes) {
  let c = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) c = CRC[(c ^ bytes[i]) & 255] ^ c >>> 8;
  return (c ^ 0xffffffff) >>> 0;
}
const sized = n => n === null ? "" : n < 1000 ? `${n} B` : n < 1e6 ? `${(n / 1e3).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`;

// Sends files piece by piece, two under way; what is damaged or lost is sent again.
function uploader(model, tell) {
  let now = null;
  const send = async job => {
    const {file, n} = job, start = n * now.piece, bytes = new Uint8Array(await now.files[file].slice(start, start + now.piece).arrayBuffer());
    if (!now || now.id !== job.id) return;
    clearTimeout(job.timer);
    job.timer = setTimeout(() => { if (now?.id === job.id && job.tries++ < 5) send(job); else if (now?.id === job.id) stop("The upload was lost on its way. Try again."); }, 15000);
    try { model.send({type: "piece", id: job.id, file, n, crc: crc32(bytes)}, undefined, [bytes.buffer]); } catch { stop("The kernel is gone: run the cell again."); }
  };
  const next = () => {
    while (now && now.flying.size < 2 && now.queue.length) {
      const job = now.queue.shift();
      now.flying.set(`${job.file}.${job.n}`, job);
      send(job);
    }
  };
  const stop = words => {
    if (!now) return;
    for (const job of now.flying.values()) clearTimeout(job.timer);
    now = null;
    tell(words, null);
  };
  return {
    start(files) { // [File, name]
      if (!files.length) return;
      const id = Math.random().toString(36).slice(2);
      now = {id, files: files.map(f => f[0]), piece: 0, queue: [], flying: new Map()};
      tell(`Uploading ${files.length} file${files.length === 1 ? "" : "s"} …`, 0);
      say(model, {type: "upload", id, files: files.map(([file, name]) => ({name, size: file.size}))});
    },
    go(msg) {
      if (now?.id !== msg.id) return;
      now.piece = msg.piece;
      now.files.forEach((f, file) => { for (let n = 0; n * msg.piece < f.size; n++) now.queue.push({id: now.id, file, n, tries: 0}); });
      next();
    },
    ack(msg) {
      if (now?.id !== msg.id) return;
      const job = now.flying.get(`${msg.file}.${msg.n}`);
      if (!job) return;
      if (!msg.ok && job.tries++ < 5) return send(job);
      if (!msg.ok) return stop("The upload arrives damaged. Try again.");
      clearTimeout(job.timer);
      now.flying.delete(`${msg.file}.${msg.n}`);
      if (!now.queue.length && !now.flying.size) return stop("Uploaded.");
      tell(`${sized(msg.received)} of ${sized(msg.total)}`, msg.received / msg.total);
      next();
    },
    cancel() { if (now) { stop("Cancelled."); say(model, {type: "cancel"}); } },
    end() { stop(""); },
  };
}

async function dropped(transfer) { // files, and what is in the folders among them: [File, name]
  const found = [];
  const walk = async entry => {
    if (entry.isFile) found.push([await new Promise((ok, no) => entry.file(ok, no)), entry.fullPath.replace(/^\//, "")]);
    else if (entry.isDirectory) {
      const reader = entry.createReader();
      for (;;) {
        const some = await new Promise((ok, no) => reader.readEntries(ok, no));
        if (!some.length) break;
        for (const e of some) await walk(e);
      }
    }
  };
  const entries = [...transfer.items].map(i => i.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map(f => [f, f.name]);
  for (const e of entries) await walk(e);
  return found;
}

function pickerPart({client}) {
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
