// Which run came of which: a line a run over steps, from where it left its parent; mounted by core/web/runs/lineage.py.
import { el, svg } from "../shared/dom.js"
import { whole } from "../shared/format.js"
import { mounting } from "../shared/mount.js"
import { ticksTo } from "../shared/scale.js"
import { readTheme, visible } from "../shared/theme.js"

/** @import { Component } from "../shared/mount.js" */
/** @import { Theme } from "../shared/theme.js" */
/** @import { ContentData, Line, Pin, Tree } from "../told.js" */

const ROW = 52 // px of a line, with its words above it
const BELOW = 12 // from a line to the end of its row
const EDGE = 12 // px at both sides
const AXIS = 24 // px of the axis below
const TICK = 130 // px between two numbers of the axis, at least
const ASIDE = 8 // px from a joint to the words beside it

class Lineage {
  /** @type {Tree} */
  tree
  text = ""
  of = "" // what was drawn

  /** @param {Component<ContentData>} component */
  constructor({ parentElement }) {
    this.node = el("div", { class: "li-root", "data-testid": "lineage" })
    parentElement.replaceChildren(this.node)
    this.sizes = new ResizeObserver(() => this.draw())
    this.sizes.observe(this.node)
  }

  /** @param {Component<ContentData>} component */
  update({ data, setTriggerValue }) {
    this.send = setTriggerValue
    if (data.content !== this.text) {
      this.text = data.content
      this.tree = JSON.parse(data.content)
    }
    this.draw()
  }

  draw() {
    const width = this.node.clientWidth
    if (!this.tree || !width) return
    const theme = readTheme(this.node)
    const of = [this.text, theme.background, width].join()
    if (of === this.of) return
    this.of = of
    const { lines, end, alt } = this.tree
    const height = lines.length * ROW
    const ticks = ticksTo(end, Math.max(Math.floor(width / TICK), 1)).filter((tick) => tick <= end * 1.02)
    /** @param {number} step */
    const x = (step) => EDGE + (step / end) * (width - 2 * EDGE)
    /** @param {number} place */
    const y = (place) => (place + 1) * ROW - BELOW
    const drawn = lines.map((line, place) => this.line(line, place, x, y, width, theme))
    const root = svg(
      "svg",
      { width, height: height + AXIS, role: "group", "aria-label": alt },
      axis(ticks, x, height),
      ...drawn,
    )
    this.node.replaceChildren(root)
    for (const group of drawn) settle(group, width)
  }

  /**
   * @param {Line} line
   * @param {number} place
   * @param {(step: number) => number} x
   * @param {(place: number) => number} y
   * @param {number} width
   * @param {Theme} theme
   */
  line(line, place, x, y, width, theme) {
    const colour = visible(line.style.color, theme)
    const stroke = { stroke: colour, "stroke-dasharray": line.style.dash === "dash" ? "7 4" : null }
    const [from, to, level] = [x(line.start), Math.max(x(line.end), x(line.start) + 2), y(place)]
    const above = line.parent === null ? [] : joint(line, from, y(line.parent), level, theme)
    const press = () => !line.gone && this.send?.("open", { line: place, note: null })
    return svg(
      "g",
      {
        class: `li-line${line.gone ? " li-gone" : ""}${line.here ? " li-here" : ""}`,
        role: line.gone ? "img" : "link",
        tabindex: line.gone ? null : "0",
        "aria-label": line.alt,
        onclick: press,
        onkeydown: (event) => event.key === "Enter" && press(),
      },
      svg("rect", { class: "li-area", x: 0, y: level - ROW + BELOW + 2, width, height: ROW - 4, rx: 6 }),
      ...above,
      svg("line", {
        x1: to,
        x2: Math.max(x(line.planned), to),
        y1: level,
        y2: level,
        stroke: theme.line,
        "stroke-width": 1.5,
      }),
      svg("line", { x1: from, x2: to, y1: level, y2: level, "stroke-width": line.gone ? 2 : 4, ...stroke }),
      svg("circle", { cx: to, cy: level, r: line.gone ? 3 : 5, fill: colour }),
      svg(
        "text",
        { class: "li-said", x: from + (line.parent === null ? 0 : ASIDE), y: level - 12 },
        svg("tspan", { class: "li-name", text: line.name }),
        svg("tspan", { class: "li-muted", dx: 8, text: line.words }),
      ),
      ...line.notes.map((note, index) => this.note(note, place, index, x(note.step), level)),
    )
  }

  /** @param {Pin} note @param {number} place @param {number} index @param {number} at @param {number} level */
  note({ step, text }, place, index, at, level) {
    const words = `Note at step ${whole(step)}: ${text}`
    /** @param {Event} event */
    const press = (event) => {
      event.stopPropagation()
      this.send?.("open", { line: place, note: index })
    }
    return svg(
      "g",
      {
        class: "li-note",
        role: "link",
        tabindex: "0",
        "aria-label": `${words}. Opens what was seen then.`,
        onclick: press,
        onkeydown: (event) => event.key === "Enter" && press(event),
      },
      svg("title", { text: words }),
      svg("path", { d: `M${at},${level - 8}l8,8l-8,8l-8,-8z` }),
    )
  }

  destroy() {
    this.sizes.disconnect()
    this.node.remove()
  }
}

/** @type {(ticks: number[], x: (step: number) => number, height: number) => SVGElement} */
function axis(ticks, x, height) {
  const marks = ticks.flatMap((tick, index) => [
    svg("line", { x1: x(tick), x2: x(tick), y1: 0, y2: height }),
    svg("text", {
      x: x(tick),
      y: height + AXIS - 6,
      "text-anchor": index ? (index < ticks.length - 1 ? "middle" : "end") : "start",
      text: index ? whole(tick) : "step 0",
    }),
  ])
  return svg("g", { class: "li-axis", "aria-hidden": "true" }, ...marks)
}

// From the parent's line down to where a run begins; dotted where it began anew beside it.
/** @type {(line: Line, at: number, above: number, level: number, theme: Theme) => SVGElement[]} */
function joint({ beside, style }, at, above, level, theme) {
  const colour = visible(style.color, theme)
  const stroke = beside
    ? { stroke: theme.muted, "stroke-width": 1.5, "stroke-dasharray": "2 4" }
    : { stroke: colour, "stroke-width": 2.5 }
  return [
    svg("line", { x1: at, x2: at, y1: above, y2: level, ...stroke }),
    svg("circle", { cx: at, cy: above, r: beside ? 2.5 : 4, fill: colour }),
  ]
}

// Words that would run over the right edge end at it.
/** @param {SVGElement} group @param {number} width */
function settle(group, width) {
  const said = /** @type {SVGTextElement} */ (group.querySelector(".li-said"))
  const [at, needed] = [Number(said.getAttribute("x")), said.getComputedTextLength() + 8]
  if (at + needed > width) said.setAttribute("x", String(Math.max(width - needed - EDGE, 0)))
}

export const { mount, unmount } = mounting(Lineage, new URL("./lineage.css", import.meta.url).href)
