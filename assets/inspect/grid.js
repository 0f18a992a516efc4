// The maps of one layer as tiles on one canvas; mounted by core/web/inspect/grid.py, which says what the data mean.
import { bytesOf, numbersOf } from "../shared/decode.js"
import { el, say } from "../shared/dom.js"
import { short } from "../shared/format.js"
import { mounting } from "../shared/mount.js"
import { clamp } from "../shared/numbers.js"
import { readTheme, sourceColours } from "../shared/theme.js"
import vocabulary from "../vocabulary.js"
import { contextOf } from "./canvas.js"
import { ScaleBar, stepOf, tableOf } from "./colours.js"

/** @import { TypedNumbers } from "../shared/decode.js" */
/** @import { Component } from "../shared/mount.js" */
/** @import { Theme } from "../shared/theme.js" */
/** @import { GridContent, GridData } from "../told.js" */

const PAUSE = 250 // ms after the last key, the choice is told
const GAP = 4 // px between tiles
const LEAST = 20 // px a side of a tile; where that does not fit, the box scrolls
const MOST = 128
const LABEL = 14 // px for the number under a tile
const LABELLED = 30 // px a side of the smallest tile that has its number under it
const STRIPE = 4 // px that say where a map comes from
const EDGE = vocabulary.colours.chosen

/** @typedef {{ columns: number, tile: number, label: number, height: number }} Tiles */

class Grid {
  /** @type {Component<GridData>} */
  component
  /** @type {GridContent} */
  content
  /** @type {Theme} */
  theme
  /** @type {string[]} colours of the sources */
  stripes
  count = 0
  size = { height: 0, width: 0 }
  /** @type {TypedNumbers} channels */
  order
  /** @type {Map<number, number>} */
  placeOf
  /** @type {Record<"mean" | "low" | "high", TypedNumbers>} of each channel */
  numbers
  wide = 0 // maps in a row of the atlas
  /** @type {HTMLCanvasElement} */
  atlas
  /** @type {Tiles} */
  tiles
  /** @type {number | null} channel */
  selected = null
  /** @type {number | null} channel that the server was told */
  told = null
  /** @type {number | null} place */
  hovered = null
  /** @type {number | undefined} timer */
  later
  text = ""

  /** @param {Component<GridData>} component */
  constructor(component) {
    this.title = el("h4", { class: "di-title" })
    this.facts = el("p", { class: "di-facts" })
    this.finding = el("p", { class: "di-finding", "data-testid": "finding" })
    this.canvas = el("canvas", { class: "di-canvas", role: "img", tabindex: 0 })
    this.box = el("div", { class: "di-box" }, this.canvas)
    this.reading = el("p", { class: "di-reading", "data-testid": "grid-reading", "aria-live": "polite" })
    this.bar = new ScaleBar()
    this.legend = el("ul", { class: "di-legend di-sources" })
    const foot = el("div", { class: "di-foot" }, this.bar.node, this.legend)
    this.node = el(
      "section",
      { class: "di-grid", "data-testid": "grid" },
      this.title,
      this.facts,
      this.finding,
      this.box,
      this.reading,
      foot,
    )
    this.canvas.onpointermove = (event) => this.hover(this.placeAt(event))
    this.canvas.onpointerleave = () => this.hover(null)
    this.canvas.onclick = (event) => this.choose(this.placeAt(event), 0)
    this.canvas.onkeydown = (event) => this.move(event)
    component.parentElement.replaceChildren(this.node)
    this.sizes = new ResizeObserver(() => this.draw())
    this.sizes.observe(this.node)
  }

  /** @param {Component<GridData>} component */
  update(component) {
    this.component = component
    const { data } = component
    if (data.content !== this.text) this.read(JSON.parse(data.content))
    this.text = data.content
    if (this.told === data.selected) this.told = null
    if (this.told == null) this.selected = data.selected
    this.theme = readTheme(this.node)
    this.stripes = sourceColours(this.content.sources.length, this.content.palette, this.theme)
    this.drawLegend()
    this.draw()
  }

  /** @param {GridContent} content */
  read(content) {
    this.content = content
    const [count, height, width] = content.steps.shape
    this.count = count
    this.size = { height, width }
    this.order = numbersOf(content.order)
    this.placeOf = new Map([...this.order].map((channel, place) => [channel, place]))
    this.numbers = { mean: numbersOf(content.mean), low: numbersOf(content.low), high: numbersOf(content.high) }
    this.told = null
    this.hovered = null
    this.paintAtlas(bytesOf(content.steps.data))
    say(this.title, content.title)
    this.title.classList.toggle("di-of-net", Boolean(content.colour))
    this.title.style.setProperty("--net", content.colour)
    say(this.facts, content.facts)
    say(this.finding, content.finding)
    this.canvas.setAttribute("aria-label", content.alt)
    this.bar.draw({ table: tableOf(content.table), ...content.bar, diverging: content.diverging })
    this.box.style.height = `${content.height}px`
    this.box.scrollTop = 0
  }

  // All maps at their own size on one hidden canvas: one pixel a value.
  /** @param {Uint8Array} steps */
  paintAtlas(steps) {
    const { height, width } = this.size
    const { diverging } = this.content
    const scales = numbersOf(this.content.scales)
    const [lows, spans] = [numbersOf(this.content.drawn_low), numbersOf(this.content.drawn_span)]
    const table = tableOf(this.content.table)
    this.wide = Math.ceil(Math.sqrt(this.count))
    const rows = Math.ceil(this.count / this.wide)
    this.atlas = el("canvas", { width: this.wide * width, height: rows * height })
    const context = contextOf(this.atlas)
    const image = context.createImageData(this.atlas.width, this.atlas.height)
    image.data.fill(255)
    for (let channel = 0; channel < this.count; channel++) {
      const [left, top] = this.inAtlas(channel)
      for (let index = 0; index < height * width; index++) {
        const value = lows[channel] + (steps[channel * height * width + index] / 255) * spans[channel]
        const from = 3 * stepOf(value, scales[channel], diverging)
        const to = 4 * ((top + Math.floor(index / width)) * this.atlas.width + left + (index % width))
        image.data[to] = table[from]
        image.data[to + 1] = table[from + 1]
        image.data[to + 2] = table[from + 2]
      }
    }
    context.putImageData(image, 0, 0)
  }

  /** @type {(channel: number) => [left: number, top: number]} */
  inAtlas(channel) {
    return [(channel % this.wide) * this.size.width, Math.floor(channel / this.wide) * this.size.height]
  }

  drawLegend() {
    const { sources } = this.content
    /** @param {number} index */
    const key = (index) => el("i", { class: "di-chip", style: `background:${this.stripes[index]}` })
    const ramp = el("li", {}, ...this.stripes.slice(1).map((_, index) => key(index + 1)))
    if (sources.length > 1)
      ramp.append(el("span", { text: sources.length > 2 ? `${sources[1]} to ${sources.at(-1)}` : sources[1] }))
    this.legend.replaceChildren(
      ...(sources.length ? [el("li", {}, key(0), el("span", { text: sources[0] }))] : []),
      ...(sources.length > 1 ? [ramp] : []),
    )
  }

  // The largest tiles with which all maps fit into the box.
  /** @type {(room: number) => Tiles} */
  layout(room) {
    for (let columns = 1; ; columns++) {
      const side = Math.min(MOST, Math.floor((room - GAP * (columns + 1)) / columns))
      const tile = Math.max(LEAST, side)
      const label = tile >= LABELLED ? LABEL : 0
      const rows = Math.ceil(this.count / columns)
      const height = rows * (tile + label + GAP) + GAP
      if (height <= this.content.height || side <= LEAST || columns >= this.count)
        return { columns, tile, label, height }
    }
  }

  draw() {
    const room = this.box.clientWidth
    if (!this.content || room <= 0) return
    const ratio = window.devicePixelRatio || 1
    this.tiles = this.layout(room)
    const { canvas, tiles } = this
    const [width, height] = [Math.round(room * ratio), Math.round(tiles.height * ratio)]
    if (canvas.width !== width) canvas.width = width
    if (canvas.height !== height) canvas.height = height
    canvas.style.width = `${room}px`
    canvas.style.height = `${tiles.height}px`
    const context = contextOf(canvas)
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, room, tiles.height)
    context.imageSmoothingEnabled = this.size.width > tiles.tile * ratio
    context.font = `11.5px ${this.theme.font}`
    context.textAlign = "center"
    context.textBaseline = "top"
    this.order.forEach((channel, place) => this.drawTile(context, channel, place))
    if (this.selected != null) this.frame(context, this.chosenPlace(), EDGE, 3)
    if (this.hovered != null) this.frame(context, this.hovered, this.theme.text, 1.5)
    this.drawReading()
  }

  /** @type {(context: CanvasRenderingContext2D, channel: number, place: number) => void} */
  drawTile(context, channel, place) {
    const { height, width } = this.size
    const { tile, label } = this.tiles
    const [x, y] = this.corner(place)
    context.drawImage(this.atlas, ...this.inAtlas(channel), width, height, x, y, tile, tile)
    const source = this.content.source[channel]
    if (source != null) {
      context.fillStyle = this.stripes[source]
      context.fillRect(x, y + tile - STRIPE, tile, STRIPE)
    }
    if (!label) return
    context.fillStyle = channel === this.selected ? this.theme.text : this.theme.muted
    context.fillText(String(channel), x + tile / 2, y + tile + 2)
  }

  /** @type {(place: number) => [x: number, y: number]} */
  corner(place) {
    const { columns, tile, label } = this.tiles
    return [GAP + (place % columns) * (tile + GAP), GAP + Math.floor(place / columns) * (tile + label + GAP)]
  }

  /** @type {(context: CanvasRenderingContext2D, place: number, colour: string, width: number) => void} */
  frame(context, place, colour, width) {
    const [x, y] = this.corner(place)
    context.strokeStyle = colour
    context.lineWidth = width
    context.strokeRect(x - width / 2, y - width / 2, this.tiles.tile + width, this.tiles.tile + width)
  }

  /** @param {MouseEvent} event */
  placeAt(event) {
    const box = this.canvas.getBoundingClientRect()
    const { columns, tile, label } = this.tiles
    const column = Math.floor((event.clientX - box.left - GAP / 2) / (tile + GAP))
    const row = Math.floor((event.clientY - box.top - GAP / 2) / (tile + label + GAP))
    const place = row * columns + column
    return column >= 0 && column < columns && row >= 0 && place < this.count ? place : null
  }

  /** @param {number | null} place */
  hover(place) {
    if (place === this.hovered) return
    this.hovered = place
    this.draw()
  }

  drawReading() {
    const channel = this.hovered == null ? this.selected : this.order[this.hovered]
    if (channel == null) return say(this.reading, "")
    const { mean, low, high } = this.numbers
    const source = this.content.source[channel]
    const from = source == null ? "" : ` from ${this.content.sources[source]}`
    const words = `map ${channel}${from}: mean ${short(mean[channel], 3)}, from ${short(low[channel], 3)} to ${short(high[channel], 3)}`
    say(this.reading, this.hovered == null ? `Chosen: ${words}` : words)
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const { columns } = this.tiles
    /** @type {Record<string, number>} */
    const steps = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -columns,
      ArrowDown: columns,
      Home: -Infinity,
      End: Infinity,
    }
    if (!(event.key in steps)) return
    event.preventDefault()
    const from = this.chosenPlace()
    const aim = from + steps[event.key]
    const vertical = event.key === "ArrowUp" || event.key === "ArrowDown"
    if (vertical && (aim < 0 || aim >= this.count)) return
    this.choose(clamp(aim, 0, this.count - 1), PAUSE)
    this.reveal()
  }

  chosenPlace() {
    return this.placeOf.get(this.selected ?? -1) ?? 0
  }

  // Scrolls the box so far that the chosen tile is in it.
  reveal() {
    const { tile, label } = this.tiles
    const top = this.corner(this.chosenPlace())[1]
    const { scrollTop, clientHeight } = this.box
    if (top < scrollTop) this.box.scrollTop = top - GAP
    else if (top + tile + label > scrollTop + clientHeight) this.box.scrollTop = top + tile + label + GAP - clientHeight
  }

  /** @param {number | null} place @param {number} pause */
  choose(place, pause) {
    if (place == null) return
    this.selected = this.told = this.order[place]
    this.hovered = pause ? null : place
    this.draw()
    clearTimeout(this.later)
    this.later = setTimeout(() => this.component.setStateValue("channel", this.selected), pause)
  }

  destroy() {
    clearTimeout(this.later)
    this.sizes.disconnect()
    this.node.remove()
  }
}

export const { mount, unmount } = mounting(Grid, new URL("./inspect.css", import.meta.url).href)
