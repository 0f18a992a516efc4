// The Architecture page: mounted by core/web/architecture/page.py; draws a net from its spec, without polling.
import { Address } from "../shared/address.js"
import { el } from "../shared/dom.js"
import { whole } from "../shared/format.js"
import { mounting, roomFor } from "../shared/mount.js"
import { last } from "../shared/numbers.js"
import { withTerms } from "../shared/terms.js"
import { readTheme } from "../shared/theme.js"
import { titleOf } from "./layout.js"
import { NetDrawing } from "./net.js"
import { ChannelsView, CompareView, LayersView, MemoryView } from "./views.js"

/** @import { Component } from "../shared/mount.js" */
/** @import { Theme } from "../shared/theme.js" */
/** @import { ChannelsFigure, ComparisonFigure, DrawnForm, DrawnStage, MemoryFigure, PageData, Palette, ShownNet } from "../told.js" */

/** @typedef {{ node: HTMLElement, draw(): void, drawing?: NetDrawing }} View */
/** @typedef {{ stage: DrawnStage, unit: DrawnStage["units"][number], form: DrawnForm, title: string }} Opened */

/** @type {Record<string, new (page: Page) => View>} */
const VIEWS = { layers: LayersView, channels: ChannelsView, memory: MemoryView, compare: CompareView }
const LEAST_HEIGHT = 560 // px
const NARROW = 640 // px
const BELOW = 10 // px that stay free under the page
const FAR = 4 // times as wide as the other may a net be for both to be drawn at one scale
const REMEMBER = 400 // ms after the last move, the opened unit goes into the address

export class Page {
  /** @type {Palette} */
  palette
  /** @type {Theme} */
  theme
  /** @type {ShownNet} */
  net
  /** @type {ShownNet | null} */
  other
  /** @type {ChannelsFigure | MemoryFigure | ComparisonFigure | null} */
  figure
  /** @type {string | null} why the net that was asked for is not shown */
  refused
  sayings = ""
  viewName = ""
  /** @type {View} */
  view
  /** @type {string | null} operation that was clicked */
  picked = null
  /** @type {string | null} operation that is lit */
  op = null
  /** @type {Record<string, { text: string | null, value: any }>} */
  texts = {}
  /** @type {number | undefined} timer */
  remember

  /** @param {Component<PageData>} component */
  constructor(component) {
    this.selected = component.data.open ?? ""
    this.address = new Address()
    /** @type {Record<string, View>} */
    this.views = {}
    this.name = el("h2", { class: "da-name", "data-testid": "net-name" })
    this.title = el("p", { class: "da-finding" })
    this.refusal = el("p", { class: "da-refusal", role: "alert", "data-testid": "refusal" })
    this.facts = el("div", { class: "da-totals" })
    this.paper = el("p", { class: "da-paper", "data-testid": "paper" })
    this.said = el("div", { "data-testid": "said" })
    this.drawing = new NetDrawing((unit) => this.pick({ unit }), "the net")
    this.lower = el("div", { class: "da-lower" })
    this.root = el(
      "div",
      { class: "da-root", "data-testid": "architecture" },
      el(
        "header",
        { class: "da-head" },
        el("div", { class: "da-who" }, this.name, this.title, this.refusal),
        this.facts,
      ),
      this.paper,
      this.said,
      el("section", { class: "da-panel da-net" }, this.drawing.node),
      this.lower,
    )
    component.parentElement.replaceChildren(this.root)
    this.onSize = () => this.fit()
    this.sizes = new ResizeObserver(this.onSize)
    this.sizes.observe(component.parentElement)
    window.addEventListener("resize", this.onSize)
  }

  /** @param {Component<PageData>} component */
  update({ data }) {
    this.read(data)
    this.fit()
  }

  /** @param {PageData} data */
  read(data) {
    this.palette = data.palette
    this.theme = readTheme(this.root)
    this.net = this.parsed("net", data.net)
    this.other = this.parsed("other", data.other)
    this.figure = this.parsed("figure", data.figure)
    this.refused = data.refusal
    this.sayings = data.said
    const changed = this.viewName !== data.view
    this.viewName = data.view
    this.view = this.views[data.view] ??= new VIEWS[data.view](this)
    if (changed) this.lower.replaceChildren(this.view.node)
    if (!this.find(this.selected)) this.selected = this.nearest()
    if (
      !this.opened()
        .form.branch.concat(this.opened().form.side, this.opened().form.after)
        .some(({ name }) => name === this.op)
    )
      this.op = null
  }

  // Large texts are read once, however often the script runs.
  /** @param {string} name @param {string | null} text */
  parsed(name, text) {
    const known = this.texts[name]
    if (known?.text === text) return known.value
    const value = text ? JSON.parse(text) : null
    this.texts[name] = { text, value }
    return value
  }

  opened() {
    return /** @type {Opened} */ (this.find(this.selected))
  }

  /** @type {(unit: string) => Opened | null} */
  find(wanted) {
    for (const stage of this.net.stages) {
      const index = stage.units.findIndex(([name]) => name === wanted)
      if (index < 0) continue
      const unit = stage.units[index]
      const form = this.net.forms[unit[1]]
      return { stage, unit, form, title: titleOf(stage, form, index) }
    }
    return null
  }

  // The opened unit may be gone in a shallower net: then the last one of its stage, else the first block or layer.
  nearest() {
    const stage = this.net.stages.find(({ name }) => name === this.selected.split(".")[0])
    if (stage) return last(stage.units)[0]
    const inside = this.net.stages.filter(({ units }) => ["block", "layer"].includes(this.net.forms[units[0][1]].kind))
    const first = inside[0].units
    const dense = this.net.forms[first[0][1]].shortcut === "concatenation"
    return (dense ? last(first) : first[0])[0] // the last layer of a dense block shows all of its connections
  }

  // Pixels a channel in each of the drawings: the same in both, unless one net would be too thin to be seen.
  scales() {
    const first = this.drawing.most(this.net)
    if (this.viewName !== "compare" || !this.other) return [first]
    const second = this.view.drawing?.most(this.other) ?? first
    const both = Math.min(first, second)
    return Math.max(first, second) > FAR * both ? [first, second] : [both, both]
  }

  // Stages in which the two nets differ.
  marked() {
    if (this.viewName !== "compare" || !this.other) return new Set()
    /** @param {ShownNet} net */
    const looks = (net) =>
      new Map(
        net.stages.map((stage) => [
          stage.name,
          JSON.stringify(stage.units.map(([name, form]) => [name, net.forms[form]])),
        ]),
      )
    const [first, second] = [looks(this.net), looks(this.other)]
    return new Set([...first.keys(), ...second.keys()].filter((name) => first.get(name) !== second.get(name)))
  }

  /** @param {{ unit?: string, op?: string | null }} what */
  pick({ unit = this.selected, op = null }) {
    this.selected = unit
    this.op = op
    this.picked = op
    this.draw()
    clearTimeout(this.remember)
    this.remember = setTimeout(() => this.address.hold({ open: this.selected }), REMEMBER)
  }

  /** @param {number} index */
  pickRow(index) {
    for (const stage of this.net.stages) {
      for (const [name, place, first, count] of stage.units) {
        if (index < first || index >= first + count) continue
        const form = this.net.forms[place]
        const op = form.branch.concat(form.side, form.after).find(({ row }) => row === index - first)
        return this.pick({ unit: name, op: op?.name ?? null })
      }
    }
  }

  /** @param {string | null} op */
  hover(op) {
    this.op = op ?? this.picked ?? null
    this.view.draw()
  }

  draw() {
    this.root.style.setProperty("--da-kind", this.palette.kinds[this.net.kind])
    this.root.dataset.net = this.net.name
    this.root.dataset.open = this.selected
    this.name.textContent = this.net.name
    this.title.textContent = this.net.title
    this.refusal.textContent = this.refused ?? ""
    this.title.hidden = Boolean(this.refused)
    this.drawTotals()
    this.said.innerHTML = this.sayings // of the lab's own words, and escaped
    const { net, selected, palette, theme } = this
    this.drawing.draw({ net, selected, palette, theme, marked: this.marked(), scale: this.scales()[0] })
    this.view.draw()
  }

  drawTotals() {
    const { depth, params, norm_params: norms, macs, receptive_field: field } = this.net.totals
    /** @type {[label: string, value: number, unit?: string][]} */
    const facts = [
      ["layers", depth],
      ["parameters", params],
      ["of these in norms", norms],
      ["MACs a picture", macs],
      ["receptive field", field, " px"],
    ]
    this.facts.replaceChildren(
      ...facts.map(([label, value, unit = ""]) =>
        el(
          "div",
          { class: "da-total-fact" },
          el("b", { "data-testid": `total-${label.replaceAll(" ", "-")}`, text: whole(value) + unit }),
          el("span", {}, ...withTerms(label)),
        ),
      ),
    )
    const { params: printed, value, epochs, source, protocol } = this.net.paper
    const parts = []
    if (printed === params) parts.push(`Parameters: ${whole(params)}, as the paper defines it.`)
    else if (printed)
      parts.push(`Parameters: computed ${whole(params)}, from the paper's definition ${whole(printed)}.`)
    if (value)
      parts.push(
        `Published: ${value} after ${epochs ? `${epochs} epochs` : "epochs not stated"}, ${source} (${protocol}).`,
      )
    const said =
      parts.join(" ") || "Computed from the spec; nothing is published about exactly this net among our sources."
    this.paper.textContent = [said, ...this.net.remarks].join(" ")
  }

  // As high as the window leaves room for; where it is narrow, what stands side by side stands below each other.
  fit() {
    const narrow = this.root.clientWidth < NARROW
    this.root.classList.toggle("da-narrow", narrow)
    this.root.style.height = narrow ? "" : `${Math.max(roomFor(this.root, BELOW), LEAST_HEIGHT)}px`
    this.draw()
  }

  destroy() {
    clearTimeout(this.remember)
    this.address.destroy()
    this.sizes.disconnect()
    window.removeEventListener("resize", this.onSize)
    this.root.remove()
  }
}

export const { mount, unmount } = mounting(Page, new URL("./diagram.css", import.meta.url).href)
