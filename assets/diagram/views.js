// What stands under the picture of the net: layers with code, channels, memory, or a comparison.
import { el } from "../shared/dom.js"
import { amount, memory, percent, whole } from "../shared/format.js"
import { sum } from "../shared/numbers.js"
import { sourceColours } from "../shared/theme.js"
import { Bars } from "./bars.js"
import { CodePanel } from "./code.js"
import { NetDrawing } from "./net.js"
import { Table } from "./table.js"
import { UnitBand } from "./unit.js"
/** @import { BothLayers, ChannelsFigure, ComparisonFigure, MemoryFigure, ShownNet } from "../told.js" */
/** @import { Bar } from "./bars.js" */
/** @import { Page } from "./main.js" */

export class LayersView {
  /** @param {Page} page */
  constructor(page) {
    this.page = page
    this.band = new UnitBand(
      (op) => page.pick({ op }),
      (op) => page.hover(op),
    )
    this.code = new CodePanel()
    const rows = () => page.net.rows
    this.table = new Table(
      "Layers of the net",
      [
        { title: "Layer", kind: "name", cell: (index) => rows().name[index] },
        { title: "Output", kind: "shape", cell: (index) => rows().shape[index] },
        { title: "Parameters", kind: "formula", cell: (index) => rows().formula[index] },
        { title: "MACs", kind: "number", cell: (index) => (rows().macs[index] ? whole(rows().macs[index]) : "–") },
        { title: "Field", kind: "field", cell: (index) => String(rows().field[index]) },
        { title: "Share", kind: "share", cell: (index) => share(rows().params[index] / page.net.totals.params) },
      ],
      (index) => page.pickRow(index),
    )
    this.total = el("div", { class: "da-row da-total" })
    const layers = el("section", { class: "da-panel da-layers", "data-testid": "layers" }, this.table.node, this.total)
    this.node = el(
      "div",
      { class: "da-view da-view-layers" },
      this.band.node,
      el("div", { class: "da-two" }, this.code.node, layers),
    )
  }

  draw() {
    const { net, op } = this.page
    const { title, unit, form } = this.page.opened()
    this.band.draw(net, title, form, op)
    this.code.draw(net.code[form.kind], op)
    const [, , first, count] = unit
    const picked = form.branch.concat(form.side, form.after).find(({ name }) => name === op)
    const row = picked?.row == null ? -1 : first + picked.row
    this.table.show(net, net.totals.rows, {
      classOf: (index) => (index === row ? "da-lit" : index >= first && index < first + count ? "da-of-unit" : ""),
      selected: row < 0 ? first : row,
    })
    const { params, macs, receptive_field: field } = net.totals
    const cells = [
      ["name", `Total of ${whole(net.totals.rows)} rows`],
      ["shape", ""],
      ["formula", whole(params)],
      ["number", whole(macs)],
      ["field", whole(field)],
      ["share", "100 %"],
    ]
    this.total.style.paddingRight = this.table.head.style.paddingRight
    this.total.replaceChildren(...cells.map(([kind, text]) => el("span", { class: `da-${kind}`, text })))
  }
}

const LEAST = 0.001 // share that has a number of its own

/** @param {number} part */
function share(part) {
  const bar = el("i", {})
  bar.style.width = `${Math.min(100, part * 100)}%`
  return el(
    "span",
    { class: "da-share-cell" },
    bar,
    el("b", { text: part >= LEAST || !part ? percent(part) : `<${percent(LEAST)}` }),
  )
}

export class ChannelsView {
  /** @param {Page} page */
  constructor(page) {
    this.page = page
    this.title = el("h3", { class: "da-heading", "data-testid": "finding" })
    this.near = new Bars()
    this.far = new Bars()
    this.node = el(
      "div",
      { class: "da-view da-panel" },
      this.title,
      el("div", { class: "da-charts" }, this.near.node, this.far.node),
    )
  }

  draw() {
    const { selected, net, palette, theme } = this.page
    const figure = /** @type {ChannelsFigure} */ (this.page.figure)
    this.title.textContent = figure.title
    const stage = selected.split(".")[0]
    const group = figure.groups.find(({ name }) => name === stage) ?? figure.groups[0]
    const links = group.links ? `, ${whole(group.links)} connections` : ""
    /** @param {number} value */
    const format = (value) => whole(Math.round(value))
    const most = Math.max(...group.bars.map(total))
    const colour = palette.kinds[net.kind]
    const dense = group.links > 0
    this.near.draw({
      caption: `${group.title}: what each of its ${group.layers} ${group.unit}s reads, by source${links}`,
      alt: figure.alt,
      bars: group.bars.map(([name, sources], index) => ({
        label: index < group.layers ? String(index + 1) : "out",
        always: index === group.layers,
        over: index === group.layers ? whole(group.leaving) : index === 0 ? whole(group.entering) : "",
        strong: selected === `${group.name}.${name}`,
        parts: stack(sources, dense ? sourceColours(group.layers + 1, palette, theme) : [colour], name),
      })),
      most,
      yTitle: "channels",
      xTitle: dense
        ? "layer of the block; grey: what entered it, then one colour for each layer"
        : `${group.unit} of the stage`,
      format,
    })
    this.far.draw({
      caption: `Across the net: ${dense ? "each block grows, each transition compresses" : "each stage has its width"}`,
      alt: figure.alt,
      bars: figure.groups.flatMap((each, place) =>
        each.bars.map(([name, sources], index) => ({
          gap: index === 0 && place ? 16 : 0,
          label: index === 0 ? String(each.title.match(/\d+/)) : "",
          always: index === 0,
          over: index === each.layers && dense ? whole(each.leaving) : "",
          strong: each === group,
          parts: dense
            ? [
                {
                  value: each.entering,
                  colour: sourceColours(1, palette, theme)[0],
                  title: `${each.title}: ${each.entering} channels entered`,
                },
                {
                  value: sum(sources) - each.entering,
                  colour,
                  title: `${each.title}, ${name}: ${sum(sources)} channels`,
                },
              ]
            : [{ value: sum(sources), colour, title: `${each.title}, ${name}` }],
        })),
      ),
      most: Math.max(...figure.groups.flatMap((each) => each.bars.map(total))),
      yTitle: "channels",
      xTitle: dense ? "dense block" : "stage",
      format,
    })
  }
}

/** @param {[string, number[]]} bar */
const total = ([, sources]) => sum(sources)

/** @type {(sources: number[], colours: string[], name: string) => Bar["parts"]} */
function stack(sources, colours, name) {
  return sources.map((value, index) => ({
    value,
    colour: colours[Math.min(index, colours.length - 1)],
    title: `${name}: ${value} channels from ${index ? `layer ${index}` : "what entered"}`,
  }))
}

export class MemoryView {
  /** @param {Page} page */
  constructor(page) {
    this.page = page
    this.title = el("h3", { class: "da-heading", "data-testid": "finding" })
    this.charts = [new Bars(), new Bars()]
    this.sums = el("div", { class: "da-sums" })
    this.why = el("p", { class: "da-prose" })
    this.node = el(
      "div",
      { class: "da-view da-panel" },
      this.title,
      el("div", { class: "da-charts" }, ...this.charts.map(({ node }) => node)),
      this.sums,
      this.why,
    )
  }

  draw() {
    const { palette, selected } = this.page
    const figure = /** @type {MemoryFigure} */ (this.page.figure)
    this.title.textContent = figure.title
    const most = Math.max(...figure.nets.flatMap(({ bars }) => bars.map(([, bytes]) => bytes)))
    figure.nets.forEach((net, index) => {
      this.charts[index].draw({
        caption: `${net.name}: kept for the backward pass by each unit, ${figure.batch} pictures in float32`,
        alt: figure.alt,
        bars: net.bars.map(([name, bytes], at) => ({
          label: String(at + 1),
          strong: index === 0 && name === selected,
          gap: at && name.split(".")[0] !== net.bars[at - 1][0].split(".")[0] ? 3 : 0,
          parts: [{ value: bytes, colour: palette.kinds[net.kind], title: `${name}: ${memory(bytes)}` }],
        })),
        most,
        yTitle: "MB",
        xTitle: "unit, from the stem (left) to the classifier",
        format: (bytes) => String(Math.round(bytes / 1e6)),
      })
    })
    /** @param {string[]} cells */
    const line = (...cells) => el("div", { class: "da-sum" }, ...cells.map((text) => el("span", { text })))
    this.sums.replaceChildren(
      line("", "activations, computed", "measured once", "weights, gradients, momentum", "in all, computed"),
      ...figure.nets.map((net) =>
        line(
          net.name,
          memory(net.activations),
          net.measured ? memory(net.measured) : "not measured",
          memory(net.weights),
          memory(net.total),
        ),
      ),
    )
    this.why.textContent = figure.why
  }
}

export class CompareView {
  only = true // nothing but the differences, if there are any
  /** @type {BothLayers[]} */
  shown = []

  /** @param {Page} page */
  constructor(page) {
    this.page = page
    this.title = el("h3", { class: "da-heading", "data-testid": "finding" })
    this.drawing = new NetDrawing((name) => this.page.pick({ unit: name }), "the second net")
    this.name = el("h3", { class: "da-heading" })
    this.facts = el("div", { class: "da-facts-table", role: "table", "aria-label": "Both nets in numbers" })
    this.toggle = el("button", {
      type: "button",
      class: "da-toggle",
      text: "Only what differs",
      onclick: () => this.turn(),
    })
    /** @type {(index: number, row: number) => string} */
    const shape = (index, row) => this.shown[row].sides[index]?.[0] ?? "–"
    /** @type {(index: number) => (row: number) => string} */
    const count = (index) => (row) => {
      const found = this.shown[row].sides[index]
      return found ? whole(found[2]) : "–"
    }
    this.table = new Table("Layers of both nets", [
      { title: "≠", kind: "mark", cell: (row) => (this.shown[row].differs ? "≠" : "") },
      { title: "Layer", kind: "name", cell: (row) => this.shown[row].name },
      { title: "Output", kind: "both", cell: (row) => [...new Set([shape(0, row), shape(1, row)])].join(" | ") },
      { title: "Parameters, 1st", kind: "count", cell: count(0) },
      { title: "2nd", kind: "count", cell: count(1) },
    ])
    this.node = el(
      "div",
      { class: "da-view da-view-compare" },
      el("section", { class: "da-panel da-second" }, this.name, this.drawing.node),
      el(
        "section",
        { class: "da-panel" },
        el("div", { class: "da-titled" }, this.title, this.toggle),
        el(
          "div",
          { class: "da-two" },
          el("div", { class: "da-facts-host" }, this.facts),
          el("div", { class: "da-layers", "data-testid": "differences" }, this.table.node),
        ),
      ),
    )
  }

  turn() {
    this.only = !this.only
    this.draw()
  }

  draw() {
    const { net, selected, palette, theme } = this.page
    const other = /** @type {ShownNet} */ (this.page.other)
    const figure = /** @type {ComparisonFigure} */ (this.page.figure)
    this.title.textContent = figure.title
    const [first, second] = this.page.scales()
    this.name.textContent = `${other.name}: ${other.title}, ${first === second ? "at the same scale" : "widths to a scale of its own"}`
    const exists = other.stages.some((stage) => stage.units.some(([unit]) => unit === selected))
    this.drawing.draw({
      net: other,
      selected: exists ? selected : other.stages[1].units[0][0],
      palette,
      theme,
      marked: this.page.marked(),
      scale: second,
    })
    /** @type {(label: string, values: string[], extra: string, head?: boolean) => HTMLElement} */
    const row = (label, values, extra, head = false) =>
      el(
        "div",
        { class: `da-fact-row${!head && values[0] !== values[1] ? " da-differs" : ""}`, role: "row" },
        ...[label, ...values, extra].map((text) => el("span", { role: "cell", text })),
      )
    this.facts.replaceChildren(
      row("", [net.name, other.name], "", true),
      ...figure.facts.map(({ label, unit, values }) =>
        row(
          label,
          values.map((value) => shown(value, unit)),
          ratio(values),
        ),
      ),
      ...figure.choices.map(({ label, values }) => row(label, values, "≠")),
    )
    const only = this.only && figure.differing > 0
    this.toggle.setAttribute("aria-pressed", String(only))
    this.toggle.disabled = figure.differing === 0
    this.shown = only ? figure.layers.filter(({ differs }) => differs) : figure.layers
    this.table.show(this.only ? figure : figure.layers, this.shown.length, {
      classOf: (index) => (this.shown[index].differs ? "da-differs" : ""),
    })
  }
}

/** @type {(value: number | string, unit: string) => string} */
const shown = (value, unit) =>
  typeof value !== "number" ? value : unit === "bytes" ? memory(value) : value >= 1e8 ? amount(value) : whole(value)

/** @param {(number | string)[]} values */
function ratio([first, second]) {
  if (first === second) return "="
  if (typeof first !== "number" || typeof second !== "number" || !first) return "≠"
  return `×${Number((second / first).toPrecision(3))}`
}
