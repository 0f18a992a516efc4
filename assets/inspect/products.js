// One number of a map: patch x weights = products of each input map, then the steps; mounted by core/web/inspect/products.py.
import { numbersOf } from "../shared/decode.js"
import { el, say, segmented } from "../shared/dom.js"
import { short } from "../shared/format.js"
import { mounting } from "../shared/mount.js"
import { furthest } from "../shared/numbers.js"
import { luminance } from "../shared/theme.js"
import { colourAt, stepOf, tableOf } from "./colours.js"

/** @import { TypedNumbers } from "../shared/decode.js" */
/** @import { Component } from "../shared/mount.js" */
/** @import { ContentData, Encoded, ProductsContent } from "../told.js" */

const AT_FIRST = 5 // input maps that are shown one by one
const MORE = 24
const WORDY = 3 // values a side of the largest patch whose numbers have room in its cells

/** @typedef {{ values: TypedNumbers, scale: number }} Patches of each input map, one after the other */

class Products {
  /** @type {ProductsContent} */
  content
  /** @type {Uint8Array} */
  table
  /** @type {TypedNumbers} */
  sums
  /** @type {Record<"inputs" | "weights" | "products", Patches>} */
  patches
  text = ""
  shown = AT_FIRST

  /** @param {Component<ContentData>} component */
  constructor(component) {
    this.title = el("h4", { class: "di-title" })
    this.intro = el("p", { class: "di-intro" })
    this.sort = segmented(
      "Order of the maps",
      [
        ["strength", "Strongest first"],
        ["number", "By number"],
      ],
      "strength",
      () => this.drawRows(),
    )
    this.rows = el("div", {
      class: "di-products",
      role: "table",
      "aria-label": "patch, weights and products of each map",
    })
    this.rest = el("p", { class: "di-rest", "data-testid": "rest" })
    this.more = el("button", { type: "button", class: "di-more", onclick: () => this.showMore() })
    this.steps = el("ol", { class: "di-steps", "data-testid": "steps" })
    const head = el("div", { class: "di-head" }, this.intro, this.sort)
    const foot = el("div", { class: "di-head" }, this.rest, this.more)
    this.node = el(
      "section",
      { class: "di-sum di-number", "data-testid": "products" },
      this.title,
      head,
      this.rows,
      foot,
      this.steps,
    )
    component.parentElement.replaceChildren(this.node)
  }

  /** @param {Component<ContentData>} component */
  update({ data }) {
    if (data.content === this.text) return
    this.text = data.content
    this.content = JSON.parse(data.content)
    const { title, intro, sums, table } = this.content
    this.table = tableOf(table)
    this.sums = numbersOf(sums)
    this.sort.hidden = this.sums.length < 3
    const { inputs, weights, products } = this.content
    this.patches = { inputs: patchesOf(inputs), weights: patchesOf(weights), products: patchesOf(products) }
    this.shown = AT_FIRST
    say(this.title, title)
    say(this.intro, intro)
    this.drawRows()
    this.drawSteps()
  }

  showMore() {
    this.shown += MORE
    this.drawRows()
  }

  drawRows() {
    const channels = [...this.sums.keys()]
    if (this.sort.chosen() === "strength") channels.sort((a, b) => Math.abs(this.sums[b]) - Math.abs(this.sums[a]))
    const [seen, others] = [channels.slice(0, this.shown), channels.slice(this.shown)]
    const head = ["", "patch", "", "weights", "", "products", "", "sum"].map((text) =>
      el("span", { role: "columnheader", text }),
    )
    this.rows.replaceChildren(...head, ...seen.flatMap((channel) => this.row(channel)))
    const wordy = this.content.shape[1] <= WORDY
    this.rows.style.setProperty("--di-cell", wordy ? "42px" : "15px")
    this.rows.style.setProperty("--di-high", wordy ? "22px" : "15px")
    const sum = others.reduce((total, channel) => total + this.sums[channel], 0)
    say(
      this.rest,
      others.length ? `The other ${others.length} maps together: ${short(sum, 4)}` : "These are all of them.",
    )
    this.more.hidden = !others.length
    say(this.more, `Show ${Math.min(MORE, others.length)} more`)
  }

  /** @param {number} channel */
  row(channel) {
    /** @param {string} text */
    const sign = (text) => el("span", { class: "di-op", text })
    const { inputs, weights, products } = this.patches
    const name = el("span", { class: "di-name", role: "rowheader", text: this.content.names[channel] })
    const sum = el("b", { class: "di-total", text: short(this.sums[channel], 4) })
    return [
      name,
      this.patch(inputs, channel),
      sign("×"),
      this.patch(weights, channel),
      sign("="),
      this.patch(products, channel),
      sign("→"),
      sum,
    ]
  }

  /** @param {Patches} patches @param {number} channel */
  patch({ values, scale }, channel) {
    const [, height, width] = this.content.shape
    const cells = Array.from({ length: height * width }, (_, index) =>
      this.cell(values[channel * height * width + index], scale, height),
    )
    return el(
      "div",
      { class: "di-patch", role: "cell", style: `grid-template-columns:repeat(${width},var(--di-cell))` },
      ...cells,
    )
  }

  /** @type {(value: number, scale: number, height: number) => HTMLElement} */
  cell(value, scale, height) {
    const colour = `rgb(${colourAt(this.table, stepOf(value, scale, true)).join(",")})`
    const wordy = height <= WORDY
    const ink = luminance(colour) < 0.5 ? "#fff" : "#111"
    return el("span", {
      style: `background:${colour};color:${ink}`,
      title: short(value, 4),
      text: wordy ? short(value) : "",
    })
  }

  drawSteps() {
    const { steps, marked } = this.content
    this.steps.replaceChildren(
      ...steps.map(({ title, formula, here, net }, index) =>
        el(
          "li",
          { "data-marked": index === marked },
          el("span", { class: "di-step", text: title }),
          el("code", { text: `${formula} = ` }, el("b", { class: "di-here", text: short(here, 4) })),
          el("span", { class: "di-own" }, "the net: ", el("b", { class: "di-net", text: short(net, 4) })),
          el("span", { class: "di-mark", text: index === marked ? "◀ the number in the map" : "" }),
        ),
      ),
    )
  }

  destroy() {
    this.node.remove()
  }
}

/** @type {(encoded: Encoded) => Patches} */
function patchesOf(encoded) {
  const values = numbersOf(encoded)
  return { values, scale: furthest(values) }
}

export const { mount, unmount } = mounting(Products, new URL("./inspect.css", import.meta.url).href)
