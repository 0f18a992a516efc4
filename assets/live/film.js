// What a chart shows while it plays: its traces painted on a canvas between Plotly's axes and its words. That takes a
// millisecond or two; Plotly takes 20 to 200 for the same.
import { el } from "../shared/dom.js"
import { rgb } from "../shared/theme.js"

/** @import { Host } from "./chart.js" */
/** @import { Layout, Trace } from "./types.js" */

/** @typedef {{ _offset: number, _length: number, d2p: (value: number) => number }} Axis of Plotly */
/** @typedef {CanvasRenderingContext2D} Pen */
/** @typedef {{ x: (value: number) => number, y: (value: number) => number, foot: number }} Places data -> px; foot: of bars */

const OUTSIDE = 0.12 // opacity of what is not pointed at
/** @type {Record<string, (pen: Pen, x: number, y: number, size: number) => void>} */
const SYMBOLS = {
  circle: (pen, x, y, size) => pen.arc(x, y, size / 2, 0, 2 * Math.PI),
  x: (pen, x, y, size) => strokes(pen, x, y, size / 2, [-1, -1, 1, 1, NaN, NaN, -1, 1, 1, -1]),
  "triangle-down-open": (pen, x, y, size) => strokes(pen, x, y, size / 2, [-1, -0.7, 1, -0.7, 0, 1, -1, -0.7]),
  "diamond-open": (pen, x, y, size) => strokes(pen, x, y, size / 2, [0, -1, 1, 0, 0, 1, -1, 0, 0, -1]),
}

// Width and height of a chart in px. While a film plays they are those that Plotly has drawn: to ask the page would have
// it laid out anew for each chart.
/** @param {Host} host */
export function sizeOf(host) {
  const { _fullLayout: full } = host
  const playing = full && host.closest(".dl-playing")
  return playing ? { width: full.width, height: full.height } : { width: host.clientWidth, height: host.clientHeight }
}

export class Film {
  /** @param {Host} host */
  constructor(host) {
    this.host = host
    this.canvas = el("canvas", { class: "dl-film" })
  }

  // Whether it could paint them: some kinds Plotly alone draws.
  /** @param {Trace[]} traces @param {Layout} layout */
  paint(traces, layout) {
    const { _fullLayout: full } = this.host
    const place = this.host.querySelector(".gl-container")
    const pen = this.canvas.getContext("2d")
    if (!full || !place || !pen || layout.barmode === "stack" || !traces.every(paintable)) return false
    const { width, height } = full
    const sharp = window.devicePixelRatio
    if (this.canvas.width !== Math.round(width * sharp) || this.canvas.height !== Math.round(height * sharp)) {
      Object.assign(this.canvas, { width: Math.round(width * sharp), height: Math.round(height * sharp) })
      Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` })
    }
    if (this.canvas.parentElement !== place) place.append(this.canvas)
    pen.setTransform(sharp, 0, 0, sharp, 0, 0)
    pen.clearRect(0, 0, width, height)
    const pointed = (this.host.closest(".dl-root")?.getAttribute("data-pointed") ?? "").split(" ").filter(Boolean)
    /** @type {Trace | undefined} */
    let before
    for (const trace of traces) {
      const owners = String(trace.meta ?? "").split(" ")
      const lit = !pointed.length || owners.some((id) => pointed.includes(id))
      within(pen, full, trace, lit ? 1 : OUTSIDE, (places) =>
        KINDS[trace.type ?? "scatter"](pen, trace, places, full, before),
      )
      before = trace
    }
    for (const shape of layout.shapes ?? []) frame(pen, full, shape)
    this.host.classList.add("dl-filmed")
    return true
  }

  end() {
    this.canvas.remove()
    this.host.classList.remove("dl-filmed")
  }
}

/** @type {(trace: Trace) => boolean} */
const paintable = ({ type, mode, coloraxis }) =>
  type === "heatmap" ? Boolean(coloraxis) : type === "bar" || (!type && !mode?.includes("text"))

/** @type {(pen: Pen, full: any, trace: Trace, opacity: number, draw: (places: Places) => void) => void} */
function within(pen, full, trace, opacity, draw) {
  const { xaxis, yaxis } = full._plots[`${trace.xaxis ?? "x"}${trace.yaxis ?? "y"}`]
  pen.save()
  if (trace.cliponaxis !== false) {
    pen.beginPath()
    pen.rect(xaxis._offset, yaxis._offset, xaxis._length, yaxis._length)
    pen.clip()
  }
  pen.globalAlpha = opacity
  draw({
    x: (value) => xaxis._offset + xaxis.d2p(value),
    y: (value) => yaxis._offset + yaxis.d2p(value),
    foot: yaxis._offset + yaxis._length,
  })
  pen.restore()
}

/** @type {Record<string, (pen: Pen, trace: Trace, places: Places, full: any, before: Trace | undefined) => void>} */
const KINDS = {
  scatter: (pen, trace, places, _, before) => {
    const points = placed(trace, places)
    if (trace.mode?.includes("lines")) {
      pen.beginPath()
      path(pen, points)
      if (trace.fill === "tonexty" && before) path(pen, placed(before, places).reverse(), true)
      if (trace.fill) {
        pen.fillStyle = trace.fillcolor
        pen.fill()
      }
      if (trace.fill === "tonexty") {
        pen.beginPath()
        path(pen, points)
      }
      stroke(pen, trace.line)
    }
    if (trace.mode?.includes("markers")) markers(pen, trace, points)
  },
  bar: (pen, { x, y, marker, width = 0.88 }, places) => {
    pen.fillStyle = marker.color
    for (const [index, value] of Array.from(/** @type {number[]} */ (y)).entries()) {
      const [left, right] = [places.x(x[index] - width / 2), places.x(x[index] + width / 2)]
      const top = places.y(value)
      if (!Number.isFinite(top)) continue
      pen.fillRect(left, top, right - left, places.foot - top)
      if (!marker.line.width) continue
      pen.strokeStyle = marker.line.color
      pen.lineWidth = marker.line.width
      pen.strokeRect(left, top, right - left, places.foot - top)
    }
  },
  heatmap: (pen, { x, y, z, coloraxis = "coloraxis" }, places, full) => {
    const { colorscale, cmin, cmax } = full[coloraxis]
    const [across, down] = [edges(x, z[0].length), edges(y, z.length)]
    for (const [row, values] of z.entries()) {
      const top = Math.min(places.y(down[row]), places.y(down[row + 1]))
      const high = Math.abs(places.y(down[row + 1]) - places.y(down[row]))
      for (let column = 0; column < values.length; column++) {
        if (!Number.isFinite(values[column])) continue
        const left = places.x(across[column])
        pen.fillStyle = colour(colorscale, (values[column] - cmin) / (cmax - cmin))
        pen.fillRect(left, top, places.x(across[column + 1]) - left + 0.5, high + 0.5)
      }
    }
  },
}

/** @typedef {[x: number, y: number][]} Points px; NaN where a line breaks off */

/** @type {(trace: Trace, places: Places) => Points} */
const placed = ({ x, y }, places) =>
  Array.from(x, (value, index) =>
    value === null || y[index] === null ? [NaN, NaN] : [places.x(value), places.y(y[index])],
  )

/** @type {(pen: Pen, points: Points, joined?: boolean) => void} */
function path(pen, points, joined = false) {
  let down = joined
  for (const [x, y] of points) {
    const known = Number.isFinite(x) && Number.isFinite(y)
    if (known && down) pen.lineTo(x, y)
    else if (known) pen.moveTo(x, y)
    down = known
  }
}

/** @type {(pen: Pen, line: Trace["line"]) => void} */
function stroke(pen, { color, width, dash }) {
  if (!width) return
  const long = 3 * Math.max(width, 3)
  pen.setLineDash(dash === "dash" ? [long, long] : [])
  pen.strokeStyle = color
  pen.lineWidth = width
  pen.stroke()
}

/** @type {(pen: Pen, trace: Trace, points: Points) => void} */
function markers(pen, { marker }, points) {
  pen.fillStyle = pen.strokeStyle = marker.color
  pen.lineWidth = 1
  pen.setLineDash([])
  for (const [index, [x, y]] of points.entries()) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue
    const symbol = Array.isArray(marker.symbol) ? marker.symbol[index] : (marker.symbol ?? "circle")
    pen.beginPath()
    ;(SYMBOLS[symbol] ?? SYMBOLS.circle)(pen, x, y, marker.size)
    if (symbol === "circle") pen.fill()
    else pen.stroke()
  }
}

/** @type {(pen: Pen, x: number, y: number, radius: number, corners: number[]) => void} */
function strokes(pen, x, y, radius, corners) {
  const points = /** @type {Points} */ ([])
  for (let at = 0; at < corners.length; at += 2) points.push([x + radius * corners[at], y + radius * corners[at + 1]])
  path(pen, points)
}

// The edges of so many cells, of their edges or their middles.
/** @type {(places: ArrayLike<number>, count: number) => number[]} */
function edges(places, count) {
  const known = Array.from(places)
  if (known.length > count) return known
  const half = known.length > 1 ? (known[1] - known[0]) / 2 : 0.5
  return [...known.map((place) => place - half), known[count - 1] + half]
}

/** @type {(scale: [at: number, colour: string][], share: number) => string} */
function colour(scale, share) {
  const at = Math.min(Math.max(share, 0), 1)
  const next = Math.max(
    scale.findIndex(([place]) => place >= at),
    1,
  )
  const [[from, low], [to, high]] = [scale[next - 1], scale[next]]
  const part = (at - from) / (to - from)
  const [start, end] = [rgb(low), rgb(high)]
  return `rgb(${start.map((channel, index) => Math.round(channel + part * (end[index] - channel)))})`
}

// The frame around the layer that is picked, which the canvas would hide.
/** @type {(pen: Pen, full: any, shape: Layout) => void} */
function frame(pen, full, { type, xref, yref, y0, y1, line }) {
  const { xaxis, yaxis } = full._plots[`${String(xref).split(" ")[0]}${yref}`] ?? {}
  if (type !== "rect" || !xaxis || !String(xref).endsWith("domain") || !line?.width) return
  const top = yaxis._offset + yaxis.d2p(y0)
  pen.strokeStyle = line.color
  pen.lineWidth = line.width
  pen.setLineDash([])
  pen.strokeRect(xaxis._offset, top, xaxis._length, yaxis._offset + yaxis.d2p(y1) - top)
}
