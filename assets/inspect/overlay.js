// A map over the picture it comes from; mounted by core/web/inspect/overlay.py, which says what the data mean.
import { bytesOf, numbersOf } from "../shared/decode.js"
import { el, say } from "../shared/dom.js"
import { short } from "../shared/format.js"
import { mounting } from "../shared/mount.js"
import { clamp } from "../shared/numbers.js"
import { rgb } from "../shared/theme.js"
import { cellAt, contextOf, pixels } from "./canvas.js"
import { painted, ScaleBar, tableOf, veil } from "./colours.js"

/** @import { TypedNumbers } from "../shared/decode.js" */
/** @import { Component } from "../shared/mount.js" */
/** @import { FrameBox, OverlayContent, OverlayData } from "../told.js" */
/** @import { Cell } from "./canvas.js" */
/** @import { Colours } from "./colours.js" */

const SMOOTH_FROM = 128 // pixels a side; a smaller picture shows its pixels
const PAUSE = 250 // ms after the last key, the position is told
/** @type {Record<string, Cell>} */
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }
const SUPPORT = "#FF5CC8" // a colour of neither table, seen on any picture

/** @typedef {{ node: HTMLElement, share(): number, set(value: number): void }} Slider */

class Overlay {
  /** @type {Component<OverlayData>} */
  component
  /** @type {OverlayContent} */
  content
  grid = { height: 0, width: 0 }
  /** @type {TypedNumbers} */
  values
  /** @type {HTMLCanvasElement} */
  picture
  /** @type {Colours & { units: string }} */
  colours
  /** @type {HTMLCanvasElement} */
  heat
  /** @type {HTMLCanvasElement | null} */
  veil = null
  /** @type {Cell | null} */
  selected = null
  /** @type {Cell | null} what the server was told */
  told = null
  /** @type {Cell | null} */
  hovered = null
  /** @type {number | undefined} timer */
  later
  gone = false
  text = ""

  /** @param {Component<OverlayData>} component */
  constructor(component) {
    this.title = el("figcaption", { class: "di-title" })
    this.canvas = el("canvas", { class: "di-canvas", role: "img" })
    this.reading = el("p", { class: "di-reading", "data-testid": "reading", "aria-live": "polite" })
    this.bar = new ScaleBar()
    this.opacity = slider(
      "Map",
      (value) => `${value} %`,
      () => this.draw(),
    )
    this.support = slider(
      "Gradient",
      (value) => `${value} %`,
      () => this.draw(),
    )
    this.legend = el("ul", { class: "di-legend" })
    this.node = el(
      "figure",
      { class: "di-overlay", "data-testid": "overlay" },
      this.title,
      this.canvas,
      this.reading,
      this.bar.node,
      this.opacity.node,
      this.support.node,
      this.legend,
    )
    this.canvas.onpointermove = (event) => this.hover(this.cellAt(event))
    this.canvas.onpointerleave = () => this.hover(null)
    this.canvas.onclick = (event) => this.choose(this.cellAt(event), 0)
    this.canvas.onkeydown = (event) => this.move(event)
    component.parentElement.replaceChildren(this.node)
    this.opacity.set(component.data.opacity)
    this.support.set(80)
    this.sizes = new ResizeObserver(() => this.draw())
    this.sizes.observe(this.node)
  }

  /** @param {Component<OverlayData>} component */
  update(component) {
    this.component = component
    const { data } = component
    if (data.content !== this.text) this.read(JSON.parse(data.content))
    this.text = data.content
    if (!this.told) this.selected = /** @type {Cell | null} */ (data.selected)
    if (String(this.told) === String(data.selected)) this.told = null
    this.canvas.setAttribute("aria-label", data.alt)
    this.canvas.tabIndex = data.pick ? 0 : -1
    this.node.dataset.pick = String(data.pick)
    this.draw()
  }

  /** @param {OverlayContent} content */
  read(content) {
    this.content = content
    const [height, width] = content.values.shape
    this.grid = { height, width }
    this.values = numbersOf(content.values)
    const [rows, columns] = content.picture.shape
    const bytes = bytesOf(content.picture.data)
    this.picture = pixels(columns, rows, (index) => bytes.subarray(3 * index, 3 * index + 3))
    this.colours = {
      table: tableOf(content.table),
      scale: content.scale,
      diverging: content.diverging,
      units: content.units,
    }
    this.heat = painted(this.values, width, height, this.colours)
    this.veil = content.support ? veil(numbersOf(content.support), columns, rows, rgb(SUPPORT)) : null
    say(this.title, content.title)
    this.bar.draw(this.colours)
    this.support.node.hidden = !this.veil
    this.told = null
    this.drawLegend()
  }

  drawLegend() {
    const items = this.content.boxes.map(({ name, colour, dashed }) =>
      el(
        "li",
        {},
        el("i", { class: "di-key", style: `border-color:${colour};border-style:${dashed ? "dashed" : "solid"}` }),
        name,
      ),
    )
    if (this.veil)
      items.push(
        el(
          "li",
          {},
          el("i", { class: "di-key", style: `background:${SUPPORT};border-color:${SUPPORT}` }),
          "gradient at the position, by pixel",
        ),
      )
    this.legend.replaceChildren(...items)
  }

  draw() {
    if (!this.content || this.gone) return
    const side = Math.floor(Math.min(this.component.data.side, this.node.clientWidth))
    if (side <= 0) return
    const ratio = window.devicePixelRatio || 1
    const { canvas } = this
    if (canvas.width !== Math.round(side * ratio)) canvas.width = canvas.height = Math.round(side * ratio)
    canvas.style.width = canvas.style.height = `${side}px`
    const context = contextOf(canvas)
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    /** @type {(source: HTMLCanvasElement, smooth: boolean, opacity: number) => void} */
    const layer = (source, smooth, opacity) => {
      context.imageSmoothingEnabled = smooth
      context.globalAlpha = opacity
      context.drawImage(source, 0, 0, side, side)
    }
    layer(this.picture, this.picture.width >= SMOOTH_FROM, 1)
    layer(this.heat, this.content.smooth, this.opacity.share())
    if (this.veil) layer(this.veil, false, this.support.share())
    context.globalAlpha = 1
    for (const box of this.content.boxes) this.drawBox(context, box, side)
    if (this.component.data.pick && this.selected) this.drawCell(context, this.selected, side)
    this.hover(this.hovered)
  }

  // Sides beyond the picture are drawn at its edge, so that a field larger than the picture is still seen.
  /** @type {(context: CanvasRenderingContext2D, box: FrameBox, side: number) => void} */
  drawBox(context, { sides, colour, dashed }, side) {
    const pixel = side / this.picture.width
    const [left, top, right, bottom] = sides.map((edge) => clamp(edge * pixel, 1.5, side - 1.5))
    context.setLineDash([])
    stroke(context, [left, top, right - left, bottom - top], "rgba(0,0,0,.65)", 4)
    context.setLineDash(dashed ? [6, 4] : [])
    stroke(context, [left, top, right - left, bottom - top], colour, 2)
    context.setLineDash([])
  }

  /** @type {(context: CanvasRenderingContext2D, cell: Cell, side: number) => void} */
  drawCell(context, [y, x], side) {
    const [high, wide] = [side / this.grid.height, side / this.grid.width]
    const rim = Math.max(0, (7 - Math.min(high, wide)) / 2) // a cell of a large map is small
    /** @type {[number, number, number, number]} */
    const box = [x * wide - rim, y * high - rim, wide + 2 * rim, high + 2 * rim]
    stroke(context, box, "#000", 4)
    stroke(context, box, "#fff", 2)
  }

  /** @param {MouseEvent} event */
  cellAt(event) {
    return cellAt(this.canvas, event, this.grid.height, this.grid.width)
  }

  /** @param {Cell | null} cell */
  hover(cell) {
    this.hovered = cell
    const shown = cell ?? (this.component.data.pick ? this.selected : null)
    if (!shown) return say(this.reading, this.content.hint)
    const [y, x] = shown
    const value = short(this.values[y * this.grid.width + x], 4)
    say(this.reading, `${cell ? "" : "Chosen: "}row ${y}, column ${x}: ${value}`)
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const step = MOVES[event.key]
    if (!step || !this.component.data.pick) return
    event.preventDefault()
    this.hovered = null // what the keys choose is read out, not what the pointer was left on
    const [y, x] = this.selected ?? [0, 0]
    const { height, width } = this.grid
    this.choose([clamp(y + step[0], 0, height - 1), clamp(x + step[1], 0, width - 1)], PAUSE)
  }

  /** @param {Cell} cell @param {number} pause */
  choose(cell, pause) {
    if (!this.component.data.pick) return
    this.selected = this.told = cell
    this.draw()
    clearTimeout(this.later)
    const { height, width } = this.grid
    this.later = setTimeout(() => this.component.setStateValue("position", [...cell, height, width]), pause)
  }

  destroy() {
    this.gone = true
    clearTimeout(this.later)
    this.sizes.disconnect()
    this.node.remove()
  }
}

/** @type {(context: CanvasRenderingContext2D, box: [number, number, number, number], colour: string, width: number) => void} */
function stroke(context, box, colour, width) {
  context.strokeStyle = colour
  context.lineWidth = width
  context.strokeRect(...box)
}

/** @type {(name: string, words: (value: string) => string, onMove: () => void) => Slider} */
function slider(name, words, onMove) {
  const input = el("input", { type: "range", min: 0, max: 100, step: 5, "aria-label": `${name}: opacity in percent` })
  const output = el("output", {})
  const show = () => say(output, words(input.value))
  input.oninput = () => {
    show()
    onMove()
  }
  return {
    node: el("label", { class: "di-opacity" }, el("span", { text: name }), input, output),
    share: () => Number(input.value) / 100,
    set: (value) => {
      input.value = String(value)
      show()
    },
  }
}

export const { mount, unmount } = mounting(Overlay, new URL("./inspect.css", import.meta.url).href)
