// The series that the session holds, each with a small picture; a click shows one, a drag puts it into a cell of a
// viewer.
import { make } from "../dom/elements.js";
import { isPlain } from "../dom/keys.js";
import { hear, say } from "../runtime/page.js";

/** What is dragged from the list. */
export const SERIES = "application/x-dicom-widgets-series";
/** ms without news before a picture is made anew: its series may still grow. */
const LATER = 1000;

/**
 * @typedef {object} Series
 * @property {string} path
 * @property {string} title
 * @property {string} detail
 * @property {string} tile what stands there without a picture
 * @property {number} count
 * @property {boolean} image whether there is a picture of it
 * @property {boolean} part whether it is a stack of the series above
 *
 * @typedef {{chosen: string, studies: {title: string, series: Series[]}[]}} SeriesListMessage
 */

class SeriesList {
  /**
   * @param {Model} model
   * @param {Element} el
   * @param {string} client
   */
  constructor(model, el, client) {
    this.model = model;
    this.client = client;
    this.root = make("div", { parent: el, className: "dw-series", role: "group", "aria-label": "Series" });
    /** Pictures by path; they outlive the cards. @type {Map<string, {count: number, canvas: HTMLCanvasElement}>} */
    this.pictures = new Map();
    /** Path -> the count that was asked for last. @type {Map<string, string>} */
    this.asked = new Map();
    this.timer = 0;
    this.revealed = "";
    /** Asks for what is looked at. */
    this.seen = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const { dataset } = /** @type {HTMLElement} */ (target);
          if (isIntersecting && dataset.image && !this.asked.has(dataset.path ?? "")) this.ask(dataset);
        }
      },
      { root: this.root },
    );
    this.root.addEventListener("keydown", (e) => this.key(e));
  }

  get cards() {
    return /** @type {HTMLElement[]} */ ([...this.root.querySelectorAll(".dw-card")]);
  }

  /** @param {DOMStringMap} dataset of a card */
  ask({ path = "", count = "" }) {
    this.asked.set(path, count);
    say(this.model, { type: "thumbnail", client: this.client, path, count: +count });
  }

  /** Asks again for pictures of series that have grown, or whose answer was lost. */
  renew() {
    for (const { dataset } of this.cards) {
      const { path = "", count = "" } = dataset;
      if (this.asked.has(path) && this.pictures.get(path)?.count !== +count) this.ask(dataset);
    }
  }

  /** @type {(series: Series, chosen: string) => HTMLElement} */
  card({ path, title, detail, tile, count, image, part }, chosen) {
    const dragstart = (/** @type {DragEvent} */ e) => {
      if (e.dataTransfer) {
        e.dataTransfer.setData(SERIES, path);
        e.dataTransfer.effectAllowed = "copy";
      }
      e.stopPropagation();
    };
    return make(
      "div",
      {
        className: part ? "dw-card dw-part" : "dw-card",
        role: "button",
        tabIndex: 0,
        draggable: true,
        "aria-pressed": path === chosen,
        "data-path": path,
        "data-count": count,
        "data-image": image ? "yes" : "",
        title: "Show it in the active cell, or drag it into another one",
        on: { click: () => say(this.model, { type: "show", client: this.client, path }), dragstart },
      },
      make("span", { className: "dw-tile", text: tile }),
      make("span", {}, document.createTextNode(title), make("small", { text: detail })),
    );
  }

  /** Puts its picture on a card. @param {HTMLElement} card */
  dress(card) {
    const made = this.pictures.get(card.dataset.path ?? "");
    if (made) card.firstElementChild?.replaceChildren(made.canvas);
  }

  /** Brings a card into view by the list alone: the notebook stays where it is. @param {string} path */
  reveal(path) {
    const card = path !== this.revealed && this.cards.find(({ dataset }) => dataset.path === path);
    if (!card) return;
    this.revealed = path;
    const list = this.root.getBoundingClientRect();
    const at = card.getBoundingClientRect();
    this.root.scrollTop += Math.min(0, at.top - list.top - 4) + Math.max(0, at.bottom - list.bottom + 4);
  }

  /** @param {string} path */
  choose(path) {
    for (const card of this.cards) card.setAttribute("aria-pressed", String(card.dataset.path === path));
    this.reveal(path);
  }

  /** @param {SeriesListMessage} message */
  show({ studies, chosen }) {
    const { root } = this;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.path;
    const held = root.contains(document.activeElement);
    this.seen.disconnect();
    root.replaceChildren(
      ...studies.flatMap(({ title, series }) => [
        make("h4", { text: title, title }),
        ...series.map((s) => this.card(s, chosen)),
      ]),
    );
    const empty = "No series yet: what is retrieved or loaded appears here.";
    if (!studies.length) make("small", { parent: root, text: empty });
    for (const card of this.cards) {
      this.dress(card);
      this.seen.observe(card);
      if (held && card.dataset.path === focused) card.focus({ preventScroll: true });
    }
    this.reveal(chosen);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.renew(), LATER);
  }

  /**
   * Takes in a small picture.
   * @param {{path: string, count: number}} message
   * @param {DataView<ArrayBuffer>[]} buffers
   */
  async picture({ path, count }, buffers) {
    if (!buffers?.length) return;
    const image = await createImageBitmap(new Blob([buffers[0]], { type: "image/png" }));
    const canvas = make("canvas", { width: image.width, height: image.height });
    canvas.getContext("2d")?.drawImage(image, 0, 0);
    this.pictures.set(path, { count, canvas });
    for (const card of this.cards) if (card.dataset.path === path) this.dress(card);
  }

  /** @param {KeyboardEvent} e */
  key(e) {
    if (!isPlain(e)) return;
    e.stopPropagation(); // JupyterLab would delete cells at `d d`
    const { cards } = this;
    const at = cards.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: cards.length - 1 }[e.key];
    if (at >= 0 && (e.key === "Enter" || e.key === " ")) cards[at].click();
    else if (to !== undefined) cards[to]?.focus();
    else return;
    e.preventDefault();
  }

  end() {
    this.seen.disconnect();
    clearTimeout(this.timer);
  }
}

/** @param {Shared} shared @returns {Mount} */
export function seriesPart({ client }) {
  return function mount({ model, el }) {
    const list = new SeriesList(model, el, client);
    const height = model.get("height"); // as tall as what stands beside it
    Object.assign(el.style, { position: "relative", minHeight: height });
    const unhear = hear(model, {
      chosen: (message) => list.choose(message.chosen),
      thumbnail: (message, buffers) => list.picture(message, /** @type {DataView<ArrayBuffer>[]} */ (buffers)),
      series: (message) => list.show(message),
    });
    say(model, { type: "ready", client });
    return () => {
      unhear();
      list.end();
    };
  };
}
