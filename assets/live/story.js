// What happened in the runs, and why: a list over the views. Each entry leads to its step, and to the view that shows it.
import { el, say } from "../shared/dom.js"
import { whole } from "../shared/format.js"

/** @import { Happening } from "../told.js" */
/** @import { Env } from "./types.js" */

export class Story {
  told = ""

  /** @param {Pick<Env, "setCursor" | "point">} env */
  constructor(env) {
    this.env = env
    /** @type {HTMLOListElement} */
    this.list = el("ol", { class: "dl-notes dl-story", id: "dl-story", hidden: true })
    this.button = el("button", {
      type: "button",
      class: "dl-back",
      "aria-controls": "dl-story",
      title: "What happened at which step, and why",
      onclick: () => this.open(Boolean(this.list.hidden)),
    })
    this.node = el("div", { class: "dl-happened" }, this.button, this.list)
    this.open(false)
    this.show([])
  }

  /** @param {Happening[]} happenings */
  show(happenings) {
    this.node.hidden = !happenings.length
    if (!happenings.length) this.open(false)
    say(this.button, `What happened (${happenings.length})`)
    const told = JSON.stringify(happenings)
    if (this.told === told) return
    this.told = told
    const pressed = this.list.contains(document.activeElement)
    this.list.replaceChildren(...happenings.map((happening) => this.entry(happening)))
    if (pressed) this.button.focus({ preventScroll: true }) // the keyboard stays here
  }

  /** @param {Happening} happening */
  entry({ step, run, text, card }) {
    const where = el("button", {
      type: "button",
      class: "dl-back",
      text: `step ${whole(step)}`,
      title: "Show this step in all views",
      onclick: () => {
        this.env.setCursor(step)
        this.env.point(card)
      },
    })
    return el("li", {}, where, el("span", {}, ...(run ? [el("strong", { text: `${run}: ` })] : []), text))
  }

  // Whether that changed anything.
  /** @param {boolean} open */
  open(open) {
    const changes = this.list.hidden === open
    this.list.hidden = !open
    this.button.setAttribute("aria-expanded", String(open))
    return changes
  }
}
