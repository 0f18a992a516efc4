// The whole net, left to right, channel widths to scale. Every unit is a button over its place in the picture.
import { el, svg } from "../shared/dom.js"
import { clamp, last } from "../shared/numbers.js"
import { sourceColours } from "../shared/theme.js"
import { leastWidth, PAGER, place, titleOf } from "./layout.js"

/** @import { Attributes } from "../shared/dom.js" */
/** @import { Theme } from "../shared/theme.js" */
/** @import { DrawnForm, DrawnStage, Palette, ShownNet } from "../told.js" */
/** @import { Placed, PlacedUnit } from "./layout.js" */

const LABELS = 36 // px at the top: what each stage is
const ARCS = { block: 20, layer: 66 } // px for what goes around; in a low drawing dense arcs take half of the room
const FOOT = 18 // px at the bottom: numbers of the units
const STEPS = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity })
const WORDS = {
  none: "no shortcut",
  identity: "identity shortcut",
  padding: "zero-padding shortcut",
  projection: "projection shortcut",
  concatenation: "concatenation",
}

export class NetDrawing {
  /** @type {ShownNet} */
  net
  /** @type {Palette} */
  palette
  /** @type {Theme} */
  theme
  /** @type {Set<string>} stages */
  marked
  /** @type {string | null} */
  selected = null
  openName = ""
  colour = ""
  scale = 1 // px a channel
  top = 0
  room = 0
  middle = 0
  height = 0

  /** @param {(unit: string) => void} onSelect @param {string} name */
  constructor(onSelect, name) {
    this.onSelect = onSelect
    this.art = svg("svg", { role: "img" })
    this.buttons = el("div", {
      class: "da-buttons",
      role: "group",
      "aria-label": `Units of ${name}: arrow keys walk through them`,
      onkeydown: (event) => this.key(event),
    })
    this.node = el("div", { class: "da-drawing" }, this.art, this.buttons)
  }

  // Pixels that a channel may have at most, so that the widest of the net's maps fits.
  /** @param {ShownNet} net */
  most(net) {
    return (this.node.clientHeight - LABELS - this.arcs(net) - FOOT) / net.widest
  }

  /** @param {ShownNet} net */
  arcs(net) {
    const dense = net.forms.some((form) => form.shortcut === "concatenation")
    return dense ? Math.min(ARCS.layer, (this.node.clientHeight - LABELS - FOOT) / 2) : ARCS.block
  }

  /**
   * @param {object} wanted
   * @param {ShownNet} wanted.net
   * @param {string | null} wanted.selected
   * @param {Palette} wanted.palette
   * @param {Theme} wanted.theme
   * @param {Set<string>} [wanted.marked]
   * @param {number} [wanted.scale]
   */
  draw({ net, selected, palette, theme, marked = new Set(), scale = this.most(net) }) {
    this.node.style.minWidth = `${leastWidth(net)}px` // the panel scrolls where there is less
    const width = this.node.clientWidth
    const height = this.node.clientHeight
    if (!width || !height) return
    Object.assign(this, { net, scale, selected, palette, theme, marked })
    /** @param {string | null} name */
    const stageOf = (name) => net.stages.find((stage) => stage.units.some(([unit]) => unit === name))
    const chosen = stageOf(selected)
    if (chosen && chosen.units.length > 1) this.openName = chosen.name
    const open =
      net.stages.find((stage) => stage.name === this.openName) ??
      net.stages.find((stage) => stage.units.length > 1) ??
      net.stages[1]
    this.top = LABELS + this.arcs(net)
    this.room = height - this.top - FOOT
    this.middle = this.top + this.room / 2
    this.height = height
    this.colour = palette.kinds[net.kind]
    const focused = this.buttons.contains(document.activeElement)
    this.art.setAttribute("viewBox", `0 0 ${width} ${height}`)
    this.art.setAttribute("aria-label", net.alt)
    this.art.replaceChildren()
    this.buttons.replaceChildren()
    for (const stage of place(net, width, open, selected)) this.drawStage(stage)
    if (focused) this.focusSelected()
  }

  /** @param {Placed} placed */
  drawStage(placed) {
    const { stage, kind, open, x, width } = placed
    const first = this.net.forms[stage.units[0][1]]
    const end = this.net.forms[last(stage.units)[1]]
    const centre = x + width / 2
    const many = stage.units.length > 1 || kind === "block" || kind === "layer"
    const says =
      kind === "head"
        ? `${end.outputs} classes`
        : many && end.outputs === first.outputs
          ? `${end.outputs} ch · ${end.size}²`
          : many
            ? `${first.inputs} → ${end.outputs} ch · ${end.size}²`
            : `${end.outputs} ch`
    const mark = this.marked.has(stage.name) ? "≠ " : ""
    this.art.append(
      svg("text", { x: centre, y: 14, class: `da-stage${mark ? " da-marked" : ""}`, text: mark + stage.title }),
      svg("text", { x: centre, y: 30, class: "da-sub", text: says }),
      svg("line", { x1: x - 7, x2: x + width + 7, y1: this.middle, y2: this.middle, class: "da-axis" }),
    )
    if (!open) this.drawClosed(placed, first, end)
    else if (kind === "layer" && first.shortcut === "concatenation") this.drawDense(placed)
    else for (const unit of placed.units) this.drawUnit(unit)
    for (const unit of placed.units) this.unitButton(stage, unit)
    if (placed.before) this.pager(placed, -1)
    if (placed.after) this.pager(placed, 1)
  }

  /** @param {number} channels */
  tall(channels) {
    return Math.max(2, Math.min(channels * this.scale, this.room)) // classes are no channels
  }

  /** @type {(x: number, width: number, channels: number, attributes?: Attributes) => void} */
  slab(x, width, channels, attributes = {}) {
    const tall = this.tall(channels)
    const norm = this.net.norm === "none" ? " da-no-norm" : ""
    this.art.append(
      svg("rect", {
        x,
        y: this.middle - tall / 2,
        width,
        height: tall,
        rx: 1,
        class: `da-slab${norm}`,
        fill: this.colour,
        stroke: this.colour,
        ...attributes,
      }),
    )
  }

  /** @type {(x: number, width: number, inputs: number, outputs: number, attributes?: Attributes) => void} */
  wedge(x, width, inputs, outputs, attributes = {}) {
    const [a, b] = [this.tall(inputs) / 2, this.tall(outputs) / 2]
    const points = [
      [x, -a],
      [x + width, -b],
      [x + width, b],
      [x, a],
    ]
      .map(([at, up]) => `${at},${this.middle + up}`)
      .join(" ")
    this.art.append(
      svg("polygon", { points, class: "da-wedge", fill: this.colour, stroke: this.colour, ...attributes }),
    )
  }

  /** @type {(placed: Placed, first: DrawnForm, last: DrawnForm) => void} */
  drawClosed({ stage, x, width }, first, end) {
    for (const shift of [10, 5, 0])
      this.wedge(x + 14 + shift, width - 38, first.kind === "layer" ? first.inputs : end.outputs, end.outputs, {
        "fill-opacity": shift ? 0.1 : 0.3,
      })
    const text = `${stage.units.length} ${first.kind}s`
    this.art.append(svg("text", { x: x + width / 2, y: this.height - 4, class: "da-foot", text }))
    const label = `Open ${stage.title}: ${text}`
    this.button(x, width, label, () => this.onSelect(stage.units[0][0]), {
      "data-stage": stage.name,
      class: "da-unit da-closed",
    })
  }

  /** @param {PlacedUnit} placed */
  drawUnit({ unit: [name, place], index, x, width }) {
    const form = this.net.forms[place]
    if (form.kind === "block" || form.kind === "layer") this.drawBlock(form, x, width)
    else {
      const inner = Math.max(14, width * 0.42)
      this.wedge(x + (width - inner) / 2, inner, form.inputs, form.outputs, { "fill-opacity": 0.35 })
      this.slab(x + (width - inner) / 2 - 2, 4, form.inputs)
      this.slab(x + (width + inner) / 2 - 2, 4, form.outputs)
    }
    this.foot(form, index, x, width, name)
  }

  /** @type {(form: DrawnForm, index: number, x: number, width: number, name: string) => void} */
  foot(form, index, x, width, name) {
    const text =
      form.kind === "stem"
        ? form.branch[0].text.split("\n")[0]
        : form.kind === "head"
          ? headOf(form)
          : form.kind === "transition"
            ? "1×1, pool"
            : String(index + 1)
    const chosen = name === this.selected ? " da-chosen" : ""
    this.art.append(svg("text", { x: x + width / 2, y: this.height - 4, class: `da-foot${chosen}`, text }))
  }

  /** @type {(form: DrawnForm, x: number, width: number) => void} */
  drawBlock(form, x, width) {
    const convs = form.branch.flatMap(({ kind, channels }) => (kind === "conv" && channels ? [channels] : []))
    const thick = Math.min(12, (width * 0.52) / Math.max(convs.length, 1) - 2)
    const step = (width * 0.62) / convs.length
    const most = Math.max(...convs, form.outputs)
    if (form.shortcut !== "none" && form.shortcut !== "concatenation") this.around(form, x, width, most)
    convs.forEach((channels, index) => this.slab(x + width * 0.14 + index * step + (step - thick) / 2, thick, channels))
  }

  /** @type {(form: DrawnForm, x: number, width: number, channels: number) => void} */
  around(form, x, width, channels) {
    const [left, right] = [x + width * 0.06, x + width * 0.86]
    const top = this.middle - this.tall(channels) / 2 - 9
    const round = Math.min(6, width / 6)
    const path = `M${left},${this.middle} V${top + round} Q${left},${top} ${left + round},${top} H${right - round} Q${right},${top} ${right},${top + round} V${this.middle}`
    this.art.append(svg("path", { d: path, class: `da-way da-${form.shortcut}`, stroke: this.colour }))
    if (form.shortcut === "projection") {
      this.art.append(
        svg("rect", {
          x: (left + right) / 2 - 5,
          y: top - 5,
          width: 10,
          height: 10,
          class: "da-project",
          fill: this.colour,
        }),
      )
    }
    this.art.append(
      svg("circle", { cx: right, cy: this.middle, r: Math.min(5, width / 7), class: "da-plus", stroke: this.colour }),
      svg("path", {
        d: `M${right - 3},${this.middle}h6M${right},${this.middle - 3}v6`,
        stroke: this.colour,
        class: "da-cross",
      }),
    )
  }

  // Stacks of what each layer reads, by source, and the connections above them.
  /** @param {Placed} placed */
  drawDense({ stage, units, x }) {
    const total = stage.units.length
    const colours = sourceColours(total + 1, this.palette, this.theme)
    const base = this.top - 4
    /** @param {PlacedUnit} unit */
    const centre = (unit) => unit.x + unit.width / 2
    const entry = units[0].index ? units[0].x - 10 : x - 4
    const span = last(units).x - entry
    for (const unit of units) {
      const form = this.net.forms[unit.unit[1]]
      const chosen = unit.unit[0] === this.selected
      const entering = this.net.forms[stage.units[0][1]].inputs
      const wide = Math.min(30, unit.width * 0.62)
      let y = this.middle - this.tall(form.inputs) / 2
      const sources = [entering, ...Array(unit.index).fill(form.outputs - form.inputs)]
      sources.forEach((channels, index) => {
        const tall = channels * this.scale
        this.art.append(
          svg("rect", {
            x: centre(unit) - wide / 2,
            y,
            width: wide,
            height: Math.max(tall, 0.5),
            fill: colours[index],
            class: "da-source",
          }),
        )
        y += tall
      })
      const from = [
        { at: entry, index: 0 },
        ...units
          .filter((other) => other.index < unit.index)
          .map((other) => ({ at: centre(other), index: other.index + 1 })),
      ]
      if (chosen || units.length <= 16)
        for (const source of from) this.link(source.at, centre(unit), base, span, chosen ? colours[source.index] : null)
      this.foot(form, unit.index, unit.x, unit.width, unit.unit[0])
    }
    for (const unit of units) this.art.append(svg("circle", { cx: centre(unit), cy: base, r: 2.5, class: "da-dot" }))
    this.art.append(svg("circle", { cx: entry, cy: base, r: 2.5, class: "da-dot" }))
  }

  /** @type {(from: number, to: number, base: number, span: number, colour: string | null) => void} */
  link(from, to, base, span, colour) {
    const up = 10 + (this.top - LABELS - 20) * Math.min(1, (to - from) / span)
    const path = svg("path", {
      d: `M${from},${base} Q${(from + to) / 2},${base - up * 1.6} ${to},${base}`,
      class: colour ? "da-link da-lit" : "da-link",
    })
    if (colour) path.style.stroke = colour
    if (colour) this.art.append(path)
    else this.art.prepend(path)
  }

  /** @param {DrawnStage} stage @param {PlacedUnit} placed */
  unitButton(stage, { unit: [name, place], index, x, width }) {
    const form = this.net.forms[place]
    const which = titleOf(stage, form, index)
    const way = form.explained ? `, ${WORDS[form.shortcut]}` : ""
    const chosen = name === this.selected
    this.button(x, width, `${which}: ${form.inputs} to ${form.outputs} channels${way}`, () => this.onSelect(name), {
      "data-unit": name,
      "aria-pressed": String(chosen),
      tabindex: chosen ? 0 : -1,
    })
  }

  /** @param {Placed} placed @param {-1 | 1} way */
  pager({ stage, x, width, before, shown }, way) {
    const hidden = way < 0 ? before : stage.units.length - before - shown
    const target = way < 0 ? Math.max(0, before - shown) : Math.min(stage.units.length - 1, before + shown)
    const at = way < 0 ? x : x + width - PAGER
    this.art.append(
      svg("text", {
        x: at + PAGER / 2,
        y: this.middle + 5,
        class: "da-more",
        text: way < 0 ? `‹ ${hidden}` : `${hidden} ›`,
      }),
    )
    this.button(
      at,
      PAGER,
      `${hidden} more units of ${stage.title} ${way < 0 ? "before" : "after"} these`,
      () => this.onSelect(stage.units[target][0]),
      { tabindex: -1 },
    )
  }

  /** @type {(x: number, width: number, label: string, onclick: () => void, attributes: Attributes) => void} */
  button(x, width, label, onclick, attributes) {
    const button = el("button", {
      type: "button",
      class: "da-unit",
      "aria-label": label,
      title: label,
      onclick,
      ...attributes,
    })
    Object.assign(button.style, { left: `${x}px`, width: `${width}px` })
    this.buttons.append(button)
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const step = STEPS[event.key]
    if (step === undefined) return
    event.preventDefault()
    const names = this.net.stages.flatMap((stage) => stage.units.map(([name]) => name))
    const at = names.indexOf(this.selected ?? "")
    this.onSelect(names[clamp(at + step, 0, names.length - 1)])
    this.focusSelected()
  }

  focusSelected() {
    /** @type {HTMLElement | null} */
    const chosen = this.buttons.querySelector("[aria-pressed=true]")
    chosen?.focus({ preventScroll: true })
  }
}

/** @type {(form: DrawnForm) => string} */
function headOf(form) {
  const linear = form.branch.filter(({ kind }) => kind === "linear").length
  return (
    (form.branch.some(({ kind }) => kind === "pool") ? "pool, " : "") + (linear > 1 ? `${linear}× linear` : "linear")
  )
}
