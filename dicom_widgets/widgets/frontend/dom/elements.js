import style from "./style.css";

export function make(tag, {parent, text, on, ...properties} = {}, ...children) {
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

export function styled() {
  if (document.getElementById("dicom-widgets-style")) return;
  make("style", {parent: document.head, id: "dicom-widgets-style", text: style});
}
