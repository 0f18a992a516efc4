// The button that hands out a view as a figure, and what it offers.
import { el } from "./dom.js"
import { setIcon } from "./icons.js"

/** @type {[format: "svg" | "png", title: string][]} */
const FORMATS = [
  ["svg", "Lines and letters that stay sharp at any size: for a paper"],
  ["png", "Pixels: for slides and pages"],
]

export class Download {
  /** @param {(format: "svg" | "png") => void} onChoose */
  constructor(onChoose) {
    this.button = el("button", {
      type: "button",
      class: "dl-tool dl-icon",
      "aria-label": "Download this view as a figure",
      "aria-expanded": "false",
      title: "Download as a figure, on white ground",
      onclick: () => this.open(Boolean(this.list.hidden)),
    })
    setIcon(this.button, "download")
    this.list = el(
      "div",
      { class: "dl-menu", hidden: true },
      ...FORMATS.map(([format, title]) =>
        el("button", {
          type: "button",
          class: "dl-tool",
          text: format.toUpperCase(),
          title,
          onclick: () => {
            this.open(false)
            this.button.focus()
            onChoose(format)
          },
        }),
      ),
    )
    this.node = el("div", { class: "dl-download" }, this.button, this.list)
    this.node.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.node.contains(/** @type {Node | null} */ (relatedTarget))) this.open(false)
    })
    this.node.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.list.hidden) return
      event.stopPropagation()
      this.open(false)
      this.button.focus()
    })
  }

  /** @param {boolean} open */
  open(open) {
    this.list.hidden = !open
    this.button.setAttribute("aria-expanded", String(open))
  }
}
