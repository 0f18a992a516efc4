// The project's own PyTorch code of the opened unit; lines that name the lit operation light up.
import { el } from "../shared/dom.js"
/** @import { ShownCode } from "../told.js" */

export class CodePanel {
  /** @type {ShownCode[]} */
  excerpts
  /** @type {HTMLElement[]} */
  lines = []
  /** @type {string | null} */
  lit = null

  constructor() {
    this.body = el("div", {
      class: "da-code-body",
      tabindex: 0,
      role: "region",
      "aria-label": "PyTorch code of the opened unit",
      "data-testid": "code",
    })
    this.node = el(
      "section",
      { class: "da-panel da-code" },
      el("h3", { class: "da-heading", text: "Its PyTorch code, as this project builds it" }),
      this.body,
    )
  }

  /** @param {ShownCode[]} excerpts @param {string | null} lit operation */
  draw(excerpts, lit) {
    if (excerpts !== this.excerpts) this.build(excerpts)
    this.excerpts = excerpts
    // the code writes a numbered name out, or builds it: conv1, conv{index}
    const [, word, number] = lit?.split(".")[0].match(/^(.*?)(\d*)$/) ?? []
    const exact = word ? new RegExp(`\\b${word}${number}\\b`) : null
    const built = new RegExp(number ? `\\b${word}\\{|\\["${word}"|"${word}"` : `\\b${word}\\b`)
    const names = exact && (this.lines.some((line) => exact.test(line.textContent ?? "")) ? exact : built)
    /** @type {HTMLElement | null} */
    let first = null
    for (const line of this.lines) {
      const on = Boolean(names?.test(line.textContent ?? ""))
      line.classList.toggle("da-lit", on)
      if (on) first ??= line
    }
    if (first && lit !== this.lit) this.body.scrollTop = first.offsetTop - this.body.offsetTop - 40
    this.lit = lit
  }

  /** @param {ShownCode[]} excerpts */
  build(excerpts) {
    this.body.replaceChildren(
      ...excerpts.flatMap(({ place, text }) => [
        el("div", { class: "da-place", text: place }),
        el("pre", {}, ...text.split("\n").map((line) => el("code", { text: line || " " }))),
      ]),
    )
    this.lines = [...this.body.querySelectorAll("code")]
    this.body.scrollTop = 0
  }
}
