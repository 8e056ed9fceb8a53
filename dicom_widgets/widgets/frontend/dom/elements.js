// Elements, and the style sheet of the page. Every text of an object goes through `textContent`.
function make(tag, {parent, text, on, ...properties} = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && name !== "role" && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  if (text !== undefined) element.textContent = text;
  for (const [type, f] of Object.entries(on ?? {})) element.addEventListener(type, f);
  element.append(...children);
  parent?.append(element);
  return element;
}

function styled() {
  if (document.getElementById("dicom-widgets-style")) return;
  make("style", {parent: document.head, id: "dicom-widgets-style", text: STYLE});
}

// Plain keys are ours while a part of the widget has the focus: JupyterLab would delete cells at `d d`. Tab, and
// anything with Ctrl, Meta or Alt, goes on.
const isPlain = e => e.key !== "Tab" && !e.ctrlKey && !e.metaKey && !e.altKey && !(e.shiftKey && e.key === "Enter");
