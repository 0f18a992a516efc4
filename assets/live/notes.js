// What is to be known of the runs, beside the cursor: a single note where there is room for it, several behind their
// number. All of them stand, each on a line of its own, in a panel that the button opens over the views.
import { el, say } from "../shared/dom.js"

export class Notes {
  constructor() {
    this.told = ""
    /** @type {HTMLUListElement} */
    this.list = el("ul", { class: "dl-notes", id: "dl-notes", hidden: true })
    this.button = el("button", {
      type: "button",
      class: "dl-note",
      "aria-controls": "dl-notes",
      onclick: () => this.open(Boolean(this.list.hidden)),
    })
    this.node = el("div", { class: "dl-noted" }, el("span", { role: "status" }, this.button), this.list)
    this.open(false)
    this.show([])
  }

  /** @param {string[]} notes */
  show(notes) {
    this.node.hidden = !notes.length
    if (!notes.length) this.open(false)
    say(this.button, notes.length > 1 ? `${notes.length} notes` : (notes[0] ?? ""))
    if (this.told === notes.join("\n")) return
    this.told = notes.join("\n")
    this.list.replaceChildren(...notes.map((text) => el("li", { text })))
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
