// A table of any length: only the rows in sight are in the document.
import { el } from "../shared/dom.js"
import { clamp } from "../shared/numbers.js"

const ROW = 26 // px
const STEPS = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 })
const SPARE = 6 // rows above and below those in sight

export class Table {
  selected = -1
  painted = ""
  /** @type {unknown} */
  content = null
  /** @type {(index: number) => string} */
  classOf = () => ""

  /**
   * @param {string} label
   * @param {{ title: string, kind: string, cell: (index: number) => string | Node }[]} columns
   * @param {(index: number) => void} [onPick]
   */
  constructor(label, columns, onPick) {
    this.columns = columns
    this.onPick = onPick
    this.count = 0
    /** @type {HTMLElement[]} */
    this.rows = []
    this.filler = el("div", { class: "da-filler" })
    this.head = el(
      "div",
      { class: "da-row da-head-row", role: "row" },
      ...columns.map(({ title, kind }) => el("span", { class: `da-${kind}`, role: "columnheader", text: title })),
    )
    this.body = el(
      "div",
      {
        class: "da-scroll",
        onscroll: () => this.paint(),
        onkeydown: (event) => this.key(event),
        tabindex: onPick ? 0 : null,
      },
      this.filler,
    )
    this.node = el("div", { class: "da-table", role: "table", "aria-label": label }, this.head, this.body)
  }

  // Rows are made anew only for another content: one that is replaced between press and release is never clicked.
  /**
   * @param {unknown} content another one makes the rows anew
   * @param {number} count
   * @param {{ classOf?: (index: number) => string, selected?: number }} how
   */
  show(content, count, { classOf = () => "", selected = -1 } = {}) {
    const moved = selected !== this.selected
    const other = content !== this.content
    Object.assign(this, { content, count, classOf, selected })
    this.node.setAttribute("aria-rowcount", String(count))
    this.filler.style.height = `${count * ROW}px`
    if (other) this.painted = ""
    if (moved && selected >= 0) this.reveal(selected)
    this.paint()
    for (const row of this.rows) this.mark(row, Number(row.dataset.index))
  }

  /** @param {HTMLElement} row @param {number} index */
  mark(row, index) {
    row.className = `da-row ${this.classOf(index)}`
    if (this.onPick) row.setAttribute("aria-selected", String(index === this.selected))
  }

  /** @param {number} index */
  reveal(index) {
    const { scrollTop, clientHeight } = this.body
    if (index * ROW < scrollTop || (index + 1) * ROW > scrollTop + clientHeight) {
      this.body.scrollTop = Math.max(0, index * ROW - clientHeight / 3)
    }
  }

  paint() {
    const first = Math.max(0, Math.floor(this.body.scrollTop / ROW) - SPARE)
    const last = Math.min(this.count, Math.ceil((this.body.scrollTop + this.body.clientHeight) / ROW) + SPARE)
    if (this.painted === `${first}-${last}`) return
    this.painted = `${first}-${last}`
    this.head.style.paddingRight = `${10 + this.body.offsetWidth - this.body.clientWidth}px`
    const rows = []
    for (let index = first; index < last; index++) {
      const row = el("div", {
        role: "row",
        "data-index": index,
        "aria-rowindex": index + 1,
        onclick: () => this.onPick?.(index),
      })
      this.mark(row, index)
      row.style.top = `${index * ROW}px`
      for (const { kind, cell } of this.columns) {
        const content = cell(index)
        const node = el("span", { class: `da-${kind}`, role: "cell" }, content)
        if (typeof content === "string") node.title = content
        row.append(node)
      }
      rows.push(row)
    }
    this.rows = rows
    this.filler.replaceChildren(...rows)
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const step = STEPS[event.key]
    if (!step || !this.onPick) return
    event.preventDefault()
    this.onPick(clamp(this.selected + step, 0, this.count - 1))
  }
}
