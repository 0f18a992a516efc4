// One Plotly chart that lives as long as its card: updated in place, zoom and hover stay the user's.
import { el } from "../shared/dom.js"
import { loadScript } from "../shared/mount.js"
import { fade } from "../shared/theme.js"
import { Film, sizeOf } from "./film.js"
import { light, point } from "./pointing.js"
import { Walk } from "./walk.js"

/** @import { LiveFigures } from "../told.js" */
/** @import { Layout, Range, Run, Theme, Trace } from "./types.js" */

const DOUBLE = 250 // ms in which a second click makes a double click
const SETTLE = 60 // ms after a drag until Plotly has told of it
const SIZE = 12 // px, readable on a projector
const LARGE = 20.5 // px, of which exponents, 70 %, have 14: to be read from the back row
let named = 0 // charts

/** @typedef {HTMLElement & { layout?: any, on?: any, _fullLayout?: any, _fullData?: any }} Host what Plotly draws into */
/** @typedef {{ x: number, y: number, axis: string }} Place in data coordinates */
/** @typedef {Layout | ((width: number, height: number) => Layout)} Patch what depends on the size (px) is a function */
/** @typedef {{ traces: Trace[], patch: Patch, theme: Theme }} Wanted */
/** @typedef {Record<string, number>} Cursors x axis (x, x2, …) -> the moment on it that is shown */

/** @param {string} address */
export const loadPlotly = async (address) => window.Plotly || loadScript(new URL(address, document.baseURI).href)

export class Chart {
  /** @type {((place: Place) => void) | undefined} */
  onClick
  /** @type {((place: Place | null) => void) | undefined} */
  onMove
  /** @type {Record<string, number[]>} axis -> range that the user chose */
  zoom = {}
  /** @type {Record<string, string>} axis -> what its numbers mean */
  meanings = {}
  /** @type {Wanted | null} */
  wanted = null
  /** @type {Wanted | null} */
  last = null
  /** @type {string | null} the layout that Plotly has drawn, in words */
  stands = null
  /** @type {string | null} what the traces were drawn of */
  of = null
  /** @type {Cursors} */
  cursors = {}
  /** @type {Map<string, HTMLElement>} by axis */
  veils = new Map()
  drawn = false
  held = false
  /** @type {number | undefined} timer */
  clicking
  /** @type {(event: PointerEvent) => void} */
  up

  /** @param {Host} host @param {string} name @param {LiveFigures} figures */
  constructor(host, name, figures) {
    this.host = host
    this.base = figures.layouts[name]
    this.config = {
      ...figures.config,
      modeBarButtons: [[{ name: "whole range", icon: Plotly.Icons.home, click: () => this.resetZoom() }]],
    }
    host.classList.add("dl-chart")
    this.film = new Film(host)
    this.walk = new Walk(this)
    this.listen()
    this.sizes = new ResizeObserver(() => this.fit())
    this.sizes.observe(host)
  }

  // Shows traces; `patch` completes the base layout (axes are merged). Waits while the user drags or nothing is seen.
  /** @param {Trace[]} traces @param {Patch} patch @param {Theme} theme @param {string} [alt] */
  draw(traces, patch, theme, alt) {
    if (taken) {
      const wanted = { traces, patch, theme }
      this.of = null // what stands beside it is drawn anew
      const lines = cursorLines(this.cursors, theme)
      const figure = (/** @type {number} */ width, /** @type {number} */ height) => {
        const { data, layout } = this.figure(wanted, width, height)
        return { data, layout: { ...layout, shapes: [...(layout.shapes ?? []), ...lines] } }
      }
      taken.push({ host: this.host, figure })
      return
    }
    this.wanted = { traces, patch, theme }
    if (alt) this.name(alt)
    if (!this.paints(this.wanted)) this.flush()
  }

  // Whether this is drawn already, so that only the cursor may have moved: Plotly takes 20 to 80 ms, a veil none.
  /** @param {string} of @param {Cursors} cursors @param {string} [alt] */
  only(of, cursors, alt) {
    if (taken) {
      this.cursors = cursors
      return false
    }
    const same = this.drawn && !this.wanted && this.of === of
    this.of = of
    this.cursors = cursors
    if (!same) return false
    if (alt) this.name(alt)
    this.unveil()
    return true
  }

  // Over each plot with a cursor lies a veil from there to its end. Plotly is not asked to draw anything.
  unveil() {
    const { _plots: plots = {}, width = 0 } = this.host._fullLayout ?? {}
    /** @type {Map<string, HTMLElement>} */
    const seen = new Map()
    for (const { xaxis, yaxis } of Object.values(plots)) {
      const cursor = this.cursors[xaxis._id]
      if (cursor === undefined) continue
      const place = Math.min(Math.max(xaxis.d2p(cursor), 0), xaxis._length)
      const veil = this.veils.get(xaxis._id) ?? el("div", { class: "dl-veil" }, el("div", {}))
      Object.assign(veil.style, {
        left: `${xaxis._offset}px`,
        top: `${yaxis._offset}px`,
        width: `${Math.min(xaxis._length, width - xaxis._offset)}px`,
        height: `${yaxis._length}px`,
      })
      const future = /** @type {HTMLElement} */ (veil.firstElementChild)
      future.classList.toggle("dl-back-again", place < Number(veil.dataset.place ?? 0)) // it jumps there
      veil.dataset.place = String(place)
      future.style.transform = `translateX(${place}px)`
      if (veil.parentElement !== this.host) this.host.append(veil)
      seen.set(xaxis._id, veil)
    }
    for (const [axis, veil] of this.veils) if (!seen.has(axis)) veil.remove()
    this.veils = seen
  }

  // While a film plays, what changes on axes that stay is painted; once it pauses, Plotly draws what is shown.
  /** @param {Wanted} wanted */
  paints(wanted) {
    const { host } = this
    const overTime = Object.keys(this.cursors).length > 0 // that has a veil
    if (!this.drawn || this.held || overTime || !host.closest(".dl-playing")) return false
    const { width, height } = sizeOf(host)
    const { data, layout } = this.figure(wanted, width, height)
    return JSON.stringify(layout) === this.stands && this.film.paint(data, layout)
  }

  // Read out before it is what its card says.
  /** @param {string} alt */
  name(alt) {
    const { host } = this
    host.id ||= `dl-chart-${++named}`
    host.setAttribute("aria-label", alt)
    const said = host.closest("section")?.getAttribute("aria-labelledby")
    if (said) host.setAttribute("aria-labelledby", `${said} ${host.id}`)
  }

  // For Plotly, of that size in px.
  /** @param {Wanted} wanted @param {number} width @param {number} height @returns {{ data: Trace[], layout: Layout }} */
  figure({ traces, patch, theme }, width, height) {
    const asked = typeof patch === "function" ? patch(width, height) : patch
    const layout = themed(merged(this.base, asked), theme)
    const { scale } = theme
    if (scale > 1) layout.margin = scaled(layout.margin, scale)
    for (const [name, axis] of axesOf(layout)) {
      const linked = this.linked(name, layout)
      const chosen = this.zoom[linked]
      layout[name] = { ...axis, uirevision: this.meanings[linked] ?? "kept" } // by which Plotly keeps a zoom
      if (chosen) layout[name].range = [...chosen]
    }
    return { data: scale > 1 ? traces.map(thicker) : traces, layout: { ...layout, width, height } }
  }

  flush() {
    const { host } = this
    if (!this.wanted || this.held || !host.clientWidth || !host.clientHeight) return
    this.last = this.wanted
    this.wanted = null
    const { data, layout } = this.figure(this.last, host.clientWidth, host.clientHeight)
    this.stands = JSON.stringify(layout) // before Plotly completes it
    Plotly.react(host, data, layout, this.config)
    this.film.end()
    if (!this.drawn) {
      this.drawn = true
      this.host.on("plotly_relayout", (/** @type {Layout} */ change) => this.zoomed(change))
      this.host.on("plotly_doubleclick", () => this.resetZoom())
      this.host.on("plotly_hover", (/** @type {{ points: any[] }} */ on) => point(host, on.points[0]?.data.meta ?? ""))
      this.host.on("plotly_unhover", () => point(host, ""))
    }
    light(host)
    this.unveil()
    this.walk.show()
  }

  fit() {
    const { clientWidth, clientHeight } = this.host
    if (!clientWidth || !clientHeight) return
    const known = this.host._fullLayout
    if (known && known.width === clientWidth && known.height === clientHeight && !this.wanted) return
    this.wanted ??= this.last
    this.flush()
  }

  /** @param {Record<string, any>} change */
  zoomed(change) {
    for (const [key, value] of Object.entries(change)) {
      const [, name, part] = key.match(/^([xy]axis\d*)\.range(\[0\])?$/) ?? []
      if (name) this.zoom[this.linked(name)] = part ? [value, change[`${name}.range[1]`]] : [...value]
    }
    this.unveil()
  }

  // Axes that match another one share its zoom.
  /** @param {string} name @param {Layout} layout @returns {string} */
  linked(name, layout = this.host.layout) {
    return layout[name]?.matches?.replace(/^([xy])/, "$1axis") ?? name
  }

  // What the numbers of axes mean: where that changes, what was zoomed into is another place.
  /** @param {Record<string, string>} meanings */
  means(meanings) {
    for (const [axis, meaning] of Object.entries(meanings)) {
      if (this.meanings[axis] !== meaning) delete this.zoom[axis]
      this.meanings[axis] = meaning
    }
  }

  resetZoom() {
    this.zoom = {}
    this.wanted ??= this.last
    this.flush()
  }

  // Clicks and moves anywhere in the plotting area; null outside.
  listen() {
    /** @type {[x: number, y: number] | null} */
    let start = null
    let pressed = 0
    let double = false
    /** @param {PointerEvent} event */
    this.down = (event) => {
      clearTimeout(this.clicking) // the second press of a double click takes the first one back
      double = event.timeStamp - pressed < DOUBLE
      pressed = event.timeStamp
      start = [event.clientX, event.clientY]
      this.held = true
    }
    this.up = (event) => {
      if (!start) return
      const still = Math.hypot(event.clientX - start[0], event.clientY - start[1]) < 5
      const place = still ? this.place(event) : null
      start = null
      if (place && !double) this.clicking = setTimeout(() => this.onClick?.(place), DOUBLE)
      setTimeout(() => {
        this.held = false
        this.flush()
      }, SETTLE)
    }
    /** @param {PointerEvent} event */
    this.move = (event) => this.onMove?.(this.place(event))
    this.leave = () => this.onMove?.(null)
    this.host.addEventListener("pointerdown", this.down, true)
    this.host.addEventListener("pointermove", this.move)
    this.host.addEventListener("pointerleave", this.leave)
    window.addEventListener("pointerup", this.up, true)
  }

  /** @param {PointerEvent} event @returns {Place | null} */
  place(event) {
    const box = this.host.getBoundingClientRect()
    const left = event.clientX - box.left
    const top = event.clientY - box.top
    for (const { xaxis, yaxis } of Object.values(this.host._fullLayout?._plots ?? {})) {
      const x = left - xaxis._offset
      const y = top - yaxis._offset
      if (x >= 0 && x <= xaxis._length && y >= 0 && y <= yaxis._length) {
        return { x: xaxis.p2d(x), y: yaxis.p2d(y), axis: yaxis._id }
      }
    }
    return null
  }

  destroy() {
    this.sizes.disconnect()
    clearTimeout(this.clicking)
    window.removeEventListener("pointerup", this.up, true)
    Plotly.purge(this.host)
  }
}

// On paper the moment that is shown is a line, without a veil over what comes after it.
/** @type {(cursors: Cursors, theme: Theme) => Layout[]} */
const cursorLines = (cursors, theme) =>
  Object.entries(cursors).map(([axis, at]) => ({
    type: "line",
    xref: axis,
    x0: at,
    x1: at,
    yref: `${axis.replace("x", "y")} domain`,
    y0: 0,
    y1: 1,
    line: { color: theme.text, width: 1.5, dash: "dot" },
  }))

/** @typedef {{ host: HTMLElement, figure: (width: number, height: number) => { data: Trace[], layout: Layout } }} Taken */
/** @type {Taken[] | null} */
let taken = null

// What charts would draw meanwhile; they stay as they are.
/** @param {() => void} draw */
export function taking(draw) {
  /** @type {Taken[]} */
  const found = []
  taken = found
  try {
    draw()
  } finally {
    taken = null
  }
  return found
}

// Whose heatmap this is, where two are stacked: a strip of the run's colour at its left edge.
/** @type {(run: Run, bottom: number, top: number) => Layout} */
export const runStrip = ({ store, style }, bottom, top) => ({
  type: "rect",
  name: store.id,
  xref: "paper",
  yref: "paper",
  xsizemode: "pixel",
  xanchor: 0,
  x0: -6,
  x1: -1,
  y0: bottom,
  y1: top,
  fillcolor: style.color,
  line: { width: 0 },
})

/** @type {(sizes: Record<string, number>, scale: number) => Record<string, number>} */
const scaled = (sizes, scale) =>
  Object.fromEntries(Object.entries(sizes ?? {}).map(([name, size]) => [name, size * scale]))

// For a projector.
/** @type {(trace: Trace) => Trace} */
const thicker = (trace) =>
  trace.line?.width ? { ...trace, line: { ...trace.line, width: 1.5 * trace.line.width } } : trace

/** @param {Layout} layout */
const axesOf = (layout) => Object.entries(layout).filter(([name]) => /^[xy]axis\d*$/.test(name))

/** @type {(base: Layout, patch: Layout) => Layout} */
function merged(base, patch) {
  const result = { ...base }
  for (const [name, value] of Object.entries(patch)) {
    const both = value && base[name] && typeof value === "object" && !Array.isArray(value)
    result[name] = both ? merged(base[name], value) : value
  }
  return result
}

/** @type {(layout: Layout, theme: Theme) => Layout} */
function themed(layout, theme) {
  const font = { family: theme.font, size: theme.scale > 1 ? LARGE : SIZE, color: theme.muted }
  /** @type {Layout} */
  const result = {
    ...layout,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font,
    hoverlabel: { bgcolor: theme.background, bordercolor: theme.line, font: { ...font, color: theme.text } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: theme.line, activecolor: theme.text },
  }
  for (const [name, axis] of axesOf(result)) {
    result[name] = {
      gridcolor: theme.grid,
      linecolor: theme.line,
      zerolinecolor: theme.grid,
      tickcolor: theme.grid,
      ...axis,
    }
  }
  for (const name of Object.keys(result).filter((key) => /^coloraxis\d*$/.test(key))) {
    result[name] = {
      ...result[name],
      colorbar: { ...result[name].colorbar, tickfont: font, bgcolor: fade(theme.background, 0) },
    }
  }
  return result
}
