// Elements, and the style sheet of the page. Every text of an object goes through `textContent`.
import style from "./style.css";

/**
 * Makes an element. Properties are set where the element has them, else they are attributes.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {MakeOptions} [options]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, { parent, text, on, ...properties } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && name !== "role" && name !== "list") Object.assign(element, { [name]: value });
    else element.setAttribute(name, value);
  }
  if (text !== undefined) element.textContent = String(text);
  for (const [type, listener] of Object.entries(on ?? {})) element.addEventListener(type, listener);
  element.append(...children);
  parent?.append(element);
  return element;
}

/** @type {(element: Element, text: string) => void} What stays the same is not laid out again. */
export const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

/** Adds the style sheet to the page, once. */
export function styled() {
  if (document.getElementById("dicom-widgets-style")) return;
  make("style", { parent: document.head, id: "dicom-widgets-style", text: style });
}
