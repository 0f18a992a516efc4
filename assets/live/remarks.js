// What is to be known of the runs, beside the cursor: a single remark where there is room for it, several behind their
// number. All of them stand, each on a line of its own, in a panel that the button opens over the views.
import { el, say } from "../shared/dom.js"

export class Remarks {
  constructor() {
    this.told = ""
    /** @type {HTMLUListElement} */
    this.list = el("ul", { class: "dl-remarks", id: "dl-remarks", hidden: true })
    this.button = el("button", {
      type: "button",
      class: "dl-remark",
      "aria-controls": "dl-remarks",
      onclick: () => this.open(Boolean(this.list.hidden)),
    })
    this.node = el("div", { class: "dl-remarked" }, el("span", { role: "status" }, this.button), this.list)
    this.open(false)
    this.show([])
  }

  /** @param {string[]} remarks */
  show(remarks) {
    this.node.hidden = !remarks.length
    if (!remarks.length) this.open(false)
    say(this.button, remarks.length > 1 ? `${remarks.length} remarks` : (remarks[0] ?? ""))
    if (this.told === remarks.join("\n")) return
    this.told = remarks.join("\n")
    this.list.replaceChildren(...remarks.map((text) => el("li", { text })))
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
