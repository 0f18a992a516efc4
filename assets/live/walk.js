// The keyboard in a chart: arrows go from point to point, layer to layer, cell to cell. Plotly's label says what is there,
// and a screen reader hears it.
import { el } from "../shared/dom.js"

/** @import { Chart } from "./chart.js" */
/** @import { Layout, Trace } from "./types.js" */

const PART = 10 // parts of a lane that a page is
const LABELLED = 80 // ms in which Plotly writes the label
export const HOW = "Arrow keys walk through it, Enter does what a click does, Esc leaves it"

/**
 * What left and right go along: a row of a heatmap, a line, bars.
 * @typedef {object} Lane
 * @property {string} axis of the vertical numbers: y, y2, …
 * @property {number[]} places along the horizontal axis, where there is something
 * @property {(index: number) => number} height on the vertical axis
 * @property {(index: number) => object} label what Plotly is to label: one of these places
 */

export class Walk {
  /** @type {number} of the lanes, from the top */
  lane = 0
  /** @type {number | null} along the horizontal axis; null: nothing was walked to */
  place = null
  pressed = false // by the pointer, which has its own ways

  /** @param {Chart} chart */
  constructor(chart) {
    this.chart = chart
    this.spoken = el("div", { class: "dl-spoken", "aria-live": "polite" })
    const { host } = chart
    host.tabIndex = 0
    host.setAttribute("role", "application") // so that a screen reader hands the arrows on
    host.setAttribute("aria-roledescription", "chart")
    host.setAttribute("aria-description", HOW)
    host.addEventListener("keydown", (event) => this.key(event))
    host.addEventListener("pointerdown", () => {
      this.pressed = true
      setTimeout(() => (this.pressed = false))
    })
    host.addEventListener("focus", () => this.pressed && this.root?.focus({ preventScroll: true }))
    host.addEventListener("blur", () => this.leave())
  }

  /** @returns {HTMLElement | null} what has the keys of the dashboard */
  get root() {
    return this.chart.host.closest(".dl-root")
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.chart.host) return
    if (event.key === "Escape" && this.place === null) return // is the dashboard's
    const did = event.key === "Escape" ? this.leave() : event.key === "Enter" ? this.press() : this.go(event.key)
    if (did === false) return
    event.preventDefault()
    event.stopPropagation()
  }

  // Whether the key leads anywhere in this chart.
  /** @param {string} key */
  go(key) {
    const lanes = this.lanes()
    if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"].includes(key))
      return false
    if (!lanes.length) return
    if (this.place === null) {
      this.lane = 0
      this.place = lanes[0].places[0]
    } else this.move(lanes, key, this.place)
    this.show(lanes)
    setTimeout(() => this.speak(lanes), LABELLED)
  }

  /** @param {Lane[]} lanes @param {string} key @param {number} place */
  move(lanes, key, place) {
    const down = { ArrowDown: 1, ArrowUp: -1 }[key] ?? 0
    this.lane = Math.min(Math.max(this.lane + down, 0), lanes.length - 1)
    const { places } = lanes[this.lane]
    const end = places.length - 1
    const page = Math.max(Math.round(end / PART), 1)
    const along = { ArrowLeft: -1, ArrowRight: 1, PageUp: -page, PageDown: page, Home: -end, End: end }[key] ?? 0
    this.place = places[Math.min(Math.max(nearest(places, place) + along, 0), end)]
  }

  /** @param {Lane[]} lanes @returns {[lane: Lane, index: number]} */
  here(lanes) {
    const lane = lanes[Math.min(this.lane, lanes.length - 1)]
    return [lane, nearest(lane.places, Number(this.place))]
  }

  // Plotly labels the place; again after it has drawn the chart anew.
  show(lanes = this.lanes()) {
    if (this.place === null || !lanes.length) return
    const [lane, index] = this.here(lanes)
    Plotly.Fx.hover(this.chart.host, lane.label(index), `x${lane.axis.slice(1)}${lane.axis}`)
  }

  /** @param {Lane[]} lanes */
  speak(lanes) {
    const { host, drawn } = this.chart
    if (this.place === null || !drawn) return
    const lines = [...host.querySelectorAll(".hoverlayer .hovertext .line, .hoverlayer .hovertext text")]
    const said = lines.filter((line) => !line.querySelector(".line")).map(({ textContent }) => textContent?.trim())
    const [lane, index] = this.here(lanes)
    const where = `${Math.round(lane.places[index])}, ${lane.height(index)}`
    if (this.spoken.parentElement !== host) host.append(this.spoken)
    this.spoken.textContent = said.filter(Boolean).join(", ") || `${where}: no number`
  }

  // What a click there does.
  press() {
    const lanes = this.lanes()
    if (this.place === null || !lanes.length) return
    const [lane, index] = this.here(lanes)
    this.chart.onClick?.({ x: lane.places[index], y: lane.height(index), axis: lane.axis })
  }

  leave() {
    if (this.place === null) return
    this.place = null
    this.spoken.textContent = ""
    if (this.chart.drawn) Plotly.Fx.unhover(this.chart.host)
  }

  /** @returns {Lane[]} from the top of the chart to its end */
  lanes() {
    const { host } = this.chart
    /** @type {Trace[]} */
    const traces = host._fullData ?? []
    return traces.flatMap((trace, curve) => {
      if (trace.hoverinfo === "skip" || trace.visible !== true) return []
      const axis = trace.yaxis ?? "y"
      if (trace.type === "heatmap") return rows(trace, curve, axis, host._fullLayout[`yaxis${axis.slice(1)}`])
      return trace.hoveron === "fills" ? [outline(trace, curve, axis)] : line(trace, curve, axis)
    })
  }
}

// One a row that has a number.
/** @type {(trace: Trace, curve: number, axis: string, vertical: Layout) => Lane[]} */
function rows({ x, y, z }, curve, axis, vertical) {
  const edges = x.length > (z[0]?.length ?? 0)
  const found = Array.from(z, (/** @type {ArrayLike<number>} */ row, index) => {
    const cells = Array.from(row, (_, cell) => cell).filter((cell) => Number.isFinite(row[cell]))
    const places = cells.map((cell) => (edges ? (x[cell] + x[cell + 1]) / 2 : x[cell]))
    const label = (/** @type {number} */ at) => [{ curveNumber: curve, xval: places[at], yval: y[index] }]
    return { axis, places, height: () => y[index], label }
  }).filter(({ places }) => places.length)
  return vertical.range[0] > vertical.range[1] ? found : found.toReversed()
}

// Lines and bars.
/** @type {(trace: Trace, curve: number, axis: string) => Lane[]} */
function line({ x, y }, curve, axis) {
  const points = Array.from(x, (_, index) => index).filter((at) => Number.isFinite(x[at]) && Number.isFinite(y[at]))
  const lane = {
    axis,
    places: points.map((at) => x[at]),
    height: (/** @type {number} */ at) => y[points[at]],
    label: (/** @type {number} */ at) => [{ curveNumber: curve, pointNumber: points[at] }],
  }
  return points.length ? [lane] : []
}

// One area, of which Plotly labels the inside: below its highest point.
/** @type {(trace: Trace, curve: number, axis: string) => Lane} */
function outline({ x, y }, curve, axis) {
  const heights = Array.from(y, Number)
  const top = Math.min(...heights) // layers are counted downwards
  const base = heights[0]
  const peak = heights.indexOf(top)
  return {
    axis,
    places: [x[peak]],
    height: () => base,
    label: () => [{ curveNumber: curve, xval: x[peak], yval: (base + top) / 2 }],
  }
}

// Places are in order.
/** @type {(places: number[], wanted: number) => number} */
function nearest(places, wanted) {
  const next = places.findIndex((place) => place >= wanted)
  if (next < 0) return places.length - 1
  return next > 0 && wanted - places[next - 1] < places[next] - wanted ? next - 1 : next
}
