// The frame of a view: finding, question, explanation, controls, and room for charts.
import { el, say } from "../shared/dom.js"
import { Download } from "../shared/download.js"
import { unbroken } from "../shared/format.js"
import { setIcon } from "../shared/icons.js"
import { withTerms } from "../shared/terms.js"

/** @import { Said, Sentences, View } from "../told.js" */

export const EXPLAINED = "dl-explained"

export class Card {
  /** @type {((format: "svg" | "png") => void) | undefined} */
  onDownload

  /** @param {keyof Sentences} id @param {View} view @param {HTMLElement[]} controls @param {() => void} onEnlarge */
  constructor(id, view, controls, onEnlarge) {
    this.id = id
    this.view = view
    this.updates = 0
    this.finding = el("h3", { class: "dl-finding", id: `dl-finding-${id}` })
    this.why = el("button", {
      type: "button",
      class: "dl-tool",
      text: "What is measured?",
      "aria-expanded": "false",
      title: "What exactly this view shows, in sentences below it",
    })
    this.enlarger = el("button", {
      type: "button",
      class: "dl-tool dl-icon",
      "aria-label": "Make this view large",
      title: "Make large (Esc goes back)",
      onclick: onEnlarge,
    })
    this.download = new Download((format) => this.onDownload?.(format))
    this.prose = el("div", { class: "dl-prose", hidden: true, role: "note" })
    this.body = el("div", { class: "dl-body" })
    this.empty = el("p", { class: "dl-empty", hidden: true })
    this.node = el(
      "section",
      { class: "dl-card", "data-testid": `card-${id}`, "data-updates": "0", "aria-labelledby": `dl-finding-${id}` },
      el("header", {}, this.finding, el("div", { class: "dl-tools" }, this.why, this.download.node, this.enlarger)),
      el(
        "div",
        { class: "dl-second" },
        el("p", { class: "dl-question", text: view.question }),
        el("div", { class: "dl-controls" }, ...controls),
      ),
      el("div", { class: "dl-room" }, this.body, this.empty),
      this.prose,
    )
    setIcon(this.enlarger, "enlarge")
    this.why.onclick = () => this.explain(Boolean(this.prose.hidden))
  }

  /** @param {boolean} shown */
  explain(shown) {
    this.prose.hidden = !shown
    this.why.setAttribute("aria-expanded", String(shown))
    if (shown) requestAnimationFrame(() => this.prose.scrollIntoView({ block: "nearest" }))
    this.node.dispatchEvent(new Event(EXPLAINED, { bubbles: true })) // the page makes room for it
  }

  // What exactly is measured, for this run.
  /** @param {Record<string, unknown>} facts */
  setWhy(facts) {
    const text = this.view.why.map((sentence) =>
      sentence.replace(/\{(\w+)\}/g, (_, name) => String(facts[name] ?? "the")),
    )
    if (this.prose.textContent === text.join("")) return
    this.prose.replaceChildren(...text.map((sentence) => el("p", {}, ...withTerms(sentence))))
  }

  // What is said of the view; nothing while that is on its way.
  /** @param {Said | null} said */
  tell(said) {
    const text = unbroken(said?.finding ?? "")
    if (said) this.setEmpty(said.instead)
    if (this.finding.textContent === text) return
    say(this.finding, text)
    this.finding.title = text
  }

  // Instead of charts: why there is nothing to draw.
  /** @param {string} text */
  setEmpty(text) {
    this.empty.hidden = !text
    this.body.classList.toggle("dl-away", Boolean(text))
    if (text) say(this.empty, text)
  }

  // Someone was sent here.
  point() {
    this.node.scrollIntoView({ block: "nearest" })
    this.node.classList.remove("dl-pointed")
    requestAnimationFrame(() => this.node.classList.add("dl-pointed"))
  }

  updated() {
    this.node.dataset.updates = String(++this.updates)
  }

  /** @param {boolean} large */
  setLarge(large) {
    this.node.classList.toggle("dl-large", large)
    setIcon(this.enlarger, large ? "shrink" : "enlarge")
    this.enlarger.setAttribute("aria-label", large ? "Back to all four views" : "Make this view large")
  }
}

// A chart's place with a line of text above it, which says at which step it is or what the pointer is on.
/** @param {string} [className] */
export function panel(className) {
  const caption = el("div", { class: "dl-caption" })
  const host = el("div", { class: "dl-host" })
  return { node: el("div", { class: `dl-panel ${className ?? ""}` }, caption, host), caption, host }
}

// Writes that line, with keys behind it, where it changed; what does not fit is in its tooltip.
/** @param {HTMLElement} node @param {string} text @param {HTMLElement[]} keys */
export function caption(node, text, keys = []) {
  const line = el("span", {}, text, ...keys)
  if (node.firstElementChild?.outerHTML === line.outerHTML) return
  node.title = [text, ...keys.map((key) => key.textContent)].join(" · ")
  node.replaceChildren(line)
}
