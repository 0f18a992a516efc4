// Branch + shortcut = sum, for one map of a residual block; mounted by core/web/inspect/addition.py.
import { numbersOf } from "../shared/decode.js"
import { el, say } from "../shared/dom.js"
import { short } from "../shared/format.js"
import { mounting } from "../shared/mount.js"
import { cellAt, contextOf } from "./canvas.js"
import { painted, ScaleBar, tableOf } from "./colours.js"

/** @import { TypedNumbers } from "../shared/decode.js" */
/** @import { Component } from "../shared/mount.js" */
/** @import { AdditionContent, ContentData } from "../told.js" */

const LARGEST = 240 // px a side
const SIGN = 30 // px

class Addition {
  /** @type {AdditionContent} */
  content
  /** @type {TypedNumbers[]} */
  maps
  /** @type {HTMLCanvasElement[]} */
  painted
  text = ""

  /** @param {Component<ContentData>} component */
  constructor(component) {
    this.title = el("h4", { class: "di-title" })
    this.finding = el("p", { class: "di-finding", "data-testid": "block-finding" })
    this.canvases = ["branch", "shortcut", "sum"].map((name) =>
      el("canvas", { class: "di-canvas", role: "img", "aria-label": name }),
    )
    this.names = this.canvases.map(() => el("figcaption", {}))
    const figures = this.canvases.map((canvas, index) => el("figure", {}, canvas, this.names[index]))
    /** @param {string} text */
    const sign = (text) => el("span", { class: "di-sign", text })
    this.row = el("div", { class: "di-row" }, figures[0], sign("+"), figures[1], sign("="), figures[2])
    this.reading = el("p", { class: "di-reading", "data-testid": "block-reading" })
    this.bar = new ScaleBar()
    this.node = el(
      "section",
      { class: "di-sum", "data-testid": "addition" },
      this.title,
      this.finding,
      this.row,
      this.reading,
      this.bar.node,
    )
    for (const canvas of this.canvases) {
      canvas.onpointermove = (event) => this.hover(canvas, event)
      canvas.onpointerleave = () => say(this.reading, this.content.hint)
    }
    component.parentElement.replaceChildren(this.node)
    this.sizes = new ResizeObserver(() => this.draw())
    this.sizes.observe(this.node)
  }

  /** @param {Component<ContentData>} component */
  update({ data }) {
    if (data.content === this.text) return
    this.text = data.content
    this.content = JSON.parse(data.content)
    const { scale, diverging, shape, parts, title, finding, hint } = this.content
    this.maps = parts.map(({ values }) => numbersOf(values))
    const colours = { table: tableOf(this.content.table), scale, diverging, units: "one scale for all three" }
    this.painted = this.maps.map((values) => painted(values, shape[1], shape[0], colours))
    this.bar.draw(colours)
    parts.forEach(({ name }, index) => say(this.names[index], name))
    say(this.title, title)
    say(this.finding, finding)
    say(this.reading, hint)
    this.draw()
  }

  draw() {
    if (!this.content) return
    const side = Math.floor(Math.min(LARGEST, (this.node.clientWidth - 2 * SIGN) / 3))
    if (side <= 0) return
    const pixels = Math.round(side * (window.devicePixelRatio || 1))
    this.canvases.forEach((canvas, index) => {
      canvas.width = canvas.height = pixels
      canvas.style.width = canvas.style.height = `${side}px`
      const context = contextOf(canvas)
      context.imageSmoothingEnabled = false
      context.drawImage(this.painted[index], 0, 0, pixels, pixels)
    })
  }

  /** @param {HTMLCanvasElement} canvas @param {MouseEvent} event */
  hover(canvas, event) {
    const [rows, columns] = this.content.shape
    const [y, x] = cellAt(canvas, event, rows, columns)
    const [branch, shortcut, sum] = this.maps.map((values) => short(values[y * columns + x], 4))
    say(this.reading, `row ${y}, column ${x}: ${branch} + ${shortcut} = ${sum}`.replaceAll("+ −", "− "))
  }

  destroy() {
    this.sizes.disconnect()
    this.node.remove()
  }
}

export const { mount, unmount } = mounting(Addition, new URL("./inspect.css", import.meta.url).href)
