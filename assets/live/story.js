// What happened in the runs, and why: in the column beside the views where there is one, else a list over them that a
// button opens. Each entry leads to its step and to the view that shows it, and offers what to try against it.
import { el, say } from "../shared/dom.js"
import { unbroken, whole } from "../shared/format.js"
import { withTerms } from "../shared/terms.js"

/** @import { Happening } from "../told.js" */
/** @import { Env } from "./types.js" */

/** @type {HTMLElement | null} the column, where the page has one */
let column = null
/** @type {Set<Story>} of the dashboards that are there */
const stories = new Set()

const sizes = new ResizeObserver(settle) // the sidebar that holds the column can be folded away

/** @param {HTMLElement | null} host */
export function hold(host) {
  column = host
  sizes.disconnect()
  if (sidebar()) sizes.observe(/** @type {Element} */ (sidebar()))
  settle()
}

function settle() {
  for (const story of stories) story.settle()
}

const sidebar = () => column?.closest("[data-testid=stSidebar], aside")

export class Story {
  told = ""
  /** @type {boolean | undefined} whether the list stands in the column */
  beside

  /** @param {Pick<Env, "setCursor" | "point" | "attempt" | "view">} env */
  constructor(env) {
    this.env = env
    /** @type {Happening[]} */
    this.happenings = []
    this.list = el("ol", { class: "dl-story", id: "dl-story", hidden: true })
    this.button = el("button", {
      type: "button",
      class: "dl-back",
      "aria-controls": "dl-story",
      title: "What happened at which step, and why",
      onclick: () => this.open(Boolean(this.list.hidden)),
    })
    this.node = el("div", { class: "dl-happened" }, this.button, this.list)
    stories.add(this)
    this.open(false)
    this.show([])
  }

  /** @param {Happening[]} happenings */
  show(happenings) {
    const told = JSON.stringify(happenings)
    if (this.told === told) return // nor is the page laid out anew to see where it stands
    this.told = told
    this.happenings = happenings
    this.settle()
    say(this.button, `What happened (${happenings.length})`)
    const pressed = this.list.contains(document.activeElement)
    this.list.replaceChildren(...happenings.map((happening) => this.entry(happening)))
    if (pressed && !this.beside) this.button.focus({ preventScroll: true }) // the keyboard stays here
  }

  // Where the list stands now: a column that is folded away holds nothing.
  settle() {
    const seen = Boolean(sidebar()?.clientWidth)
    const beside = seen && !this.list.closest(".dl-present") && !this.node.closest(".dl-present")
    this.node.hidden = beside || !this.happenings.length
    if (beside !== this.beside) {
      this.beside = beside
      ;(beside ? column : this.node)?.append(this.list)
      this.list.classList.toggle("dl-remarks", !beside)
      this.open(beside)
    }
    if (!beside && this.node.hidden) this.open(false)
  }

  /** @param {Happening} happening */
  entry({ step, run, id, text, card, cure }) {
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
    const told = el("span", {}, ...(run ? [el("strong", { text: `${run}: ` })] : []), ...withTerms(unbroken(text)))
    if (!cure || !this.env.attempt) return el("li", {}, where, told)
    const { label, ...change } = cure
    const tries = el("button", {
      type: "button",
      class: "dl-back dl-try",
      text: label,
      title: "The same run with this one thing changed, trained here and shown beside it",
      onclick: () => this.env.attempt?.({ run: id, ...change }),
    })
    return el("li", {}, where, told, tries)
  }

  // Whether that changed anything. What stands in the column stays open.
  /** @param {boolean} open */
  open(open) {
    const shown = open || Boolean(this.beside)
    const changes = this.list.hidden === shown
    this.list.hidden = !shown
    this.button.setAttribute("aria-expanded", String(shown))
    return changes
  }

  destroy() {
    stories.delete(this)
    this.list.remove()
  }
}
