// A quantity of each layer (or block): bars now, and layer against time as a heatmap. Two runs share every scale, which
// is logarithmic or linear as the vocabulary says.
import { say } from "../../shared/dom.js"
import { last } from "../../shared/numbers.js"
import { finite, layerTicks, quantile, Steady, scaleOf } from "../../shared/scale.js"
import { fade } from "../../shared/theme.js"
import vocabulary from "../../vocabulary.js"
import { alone, band, leaders, ownersOf } from "../band.js"
import { caption, panel } from "../card.js"
import { Chart } from "../chart.js"
import { measuredAt } from "../moments.js"
import { dotted, fewer, when } from "../words.js"
import { blanks, shelf, swatches } from "./shelf.js"
import { columns, cursorsOf, fitting, ROOMY, stacked } from "./timemap.js"

/** @import { Scale } from "../../shared/scale.js" */
/** @import { RunStore } from "../store.js" */
/** @import { Context, Env, Layout, Measured, Moment, OfRows, Run, Taken, Theme, Trace } from "../types.js" */

/** @type {(probe: Taken, quantity: OfRows) => Float32Array | Float64Array} */
const valuesOf = (probe, quantity) => probe[quantity] ?? new Float64Array()

const BARE = { traces: [], shapes: [], annotations: [] } // a linear axis has a place for every number

export class OverLayers {
  /** @type {Context & { quantity: OfRows, what: string, measure: string, alt: string }} */
  context
  /** @type {Scale} */
  scale
  /** @type {Run[]} */
  runs = []
  layers = 0
  /** @type {number | null} step under the pointer */
  preview = null

  // `rows` says what a row is ("layer", "block"); `names(store)` lists their names.
  /** @param {Env} env @param {HTMLElement} body @param {string} now @param {string} rows @param {(store: RunStore) => string[]} names */
  constructor(env, body, now, rows, names) {
    this.env = env
    this.rows = rows
    this.names = names
    this.bars = panel("dl-now")
    this.map = panel("dl-time")
    body.append(this.bars.node, this.map.node)
    this.now = new Chart(this.bars.host, now, env.figures)
    this.time = new Chart(this.map.host, "over-layers", env.figures)
    this.ranges = { value: new Steady(), colour: new Steady(), time: new Steady() }
    this.time.onClick = ({ x }) => env.setCursor(env.stepAt(x))
    this.time.onMove = (place) => this.point(place)
    this.now.onClick = ({ x }) => rows === "layer" && env.setPicked(Math.round(x) - 1, this.layers)
  }

  resetRanges() {
    this.ranges.value = new Steady()
    this.ranges.colour = new Steady()
  }

  // The pointer is on the map: the bars show that step until it leaves.
  /** @param {{ x: number } | null} place */
  point(place) {
    const step = place ? this.env.stepAt(place.x) : null
    if (!this.context || (step === null && this.preview === null)) return
    /** @param {number | null} wanted */
    const nearest = (wanted) => this.shownAt(wanted).map(({ probe }) => probe.step)
    const moved = (step === null) !== (this.preview === null) || `${nearest(step)}` !== `${nearest(this.preview)}`
    this.preview = step
    if (moved) this.drawBars()
  }

  // `what` is measured, in units of `measure`.
  /** @param {Context} context @param {OfRows} quantity @param {string} what @param {string} measure @param {string} alt */
  draw(context, quantity, what, measure, alt) {
    this.context = { ...context, quantity, what, measure, alt }
    this.scale = scaleOf(vocabulary.quantities[quantity])
    this.runs = context.runs.filter(({ store }) => store.probeAt(null, quantity))
    this.drawBars()
    this.drawMap()
  }

  // What is measured at the step under the pointer, or else at the moment of all views.
  /** @param {number | null} preview */
  momentOf(preview) {
    return preview === null ? this.context.moment : this.context.momentAt(preview)
  }

  /** @param {number | null} preview */
  shownAt(preview) {
    return measuredAt(this.runs, this.momentOf(preview), this.context.quantity)
  }

  drawBars() {
    const { quantity, theme, what, measure, alt } = this.context
    const { scale } = this
    const shown = this.shownAt(this.preview)
    const values = shown.flatMap(({ probe }) => finite(scale.place(valuesOf(probe, quantity))))
    const known = scale.range(this.ranges.value, Math.min(...values) - 0.1, Math.max(...values) + 0.03)
    const rows = { names: this.names, unit: this.rows, theme }
    const board = scale.log ? shelf(shown, quantity, known, rows) : { ...BARE, range: known }
    const { range, traces: marks, shapes, annotations } = board
    const layers = (this.layers = Math.max(...shown.map(({ probe }) => valuesOf(probe, quantity).length)))
    const { bands } = this.context
    const runs = alone(shown, bands).toReversed() // the first lies on top
    const several = shown.length > 1 // what overlays is a line: bars would hide each other
    const drawn = [
      ...bands.flatMap((band) =>
        this.bandOf(shown.filter(({ store }) => band.runs.some((run) => run.store === store))),
      ),
      ...runs.map((run) => (several ? this.lineOf(run) : this.barsOf(run))),
    ]
    const traces = [...drawn, ...marks]
    this.now.means({ yaxis: quantity })
    const patch = {
      shapes,
      annotations,
      xaxis: { range: [0.4, layers + 0.6], tickvals: layerTicks(layers), tickangle: 0 },
      yaxis: { ...scale.axis(known), range, title: { text: scale.log ? `${measure} (log)` : measure } },
    }
    this.now.draw(traces, patch, theme, alt)
    say(this.bars.caption, `${what} · ${when(shown, this.momentOf(this.preview), quantity)}`)
  }

  /** @param {Measured} run */
  hoverOf({ store, label }) {
    return {
      text: this.names(store),
      hovertemplate: `${label} · %{text}<br>%{y:.3~g}<extra></extra>`,
      textposition: "none",
    }
  }

  /** @param {Measured} run @returns {Trace} */
  lineOf(run) {
    const { style } = run
    const values = valuesOf(run.probe, this.context.quantity)
    return {
      x: Array.from(values, (_, layer) => layer + 1),
      y: values,
      mode: "lines+markers",
      line: { color: style.color, width: 1.6, dash: style.dash },
      marker: { color: style.color, size: 4 },
      meta: run.store.id,
      ...this.hoverOf(run),
    }
  }

  // Mean of several runs at each layer, and the least and the most of them.
  /** @param {Measured[]} runs @returns {Trace[]} */
  bandOf(runs) {
    if (!runs.length) return []
    const { x, low, high, mean } = band(
      runs.map(({ probe }) => {
        const y = valuesOf(probe, this.context.quantity)
        return { x: Array.from(y, (_, layer) => layer + 1), y }
      }),
    )
    const { color } = runs[0].style
    const edge = { x, mode: "lines", hoverinfo: "skip", line: { color, width: 0 } }
    return [
      { ...edge, y: low },
      { ...edge, y: high, fill: "tonexty", fillcolor: fade(color, 0.25) },
      { ...this.lineOf(runs[0]), y: mean },
    ].map((trace) => ({ ...trace, meta: ownersOf(runs) }))
  }

  /** @param {Measured} run @returns {Trace} */
  barsOf(run) {
    const { style } = run
    const values = valuesOf(run.probe, this.context.quantity)
    const fill = style.dash === "solid" ? style.color : fade(style.color, 0.3) // what is dashed as a line is hollow as a bar
    return {
      type: "bar",
      x: Array.from(values, (_, layer) => layer + 1),
      y: values,
      marker: { color: fill, line: { color: style.color, width: style.dash === "solid" ? 0 : 1.2 } },
      ...this.hoverOf(run),
    }
  }

  drawMap() {
    const { quantity, theme, what, alt, measure, look, bands } = this.context
    const { scale } = this
    const led = leaders(this.runs, bands)
    const runs = fitting(led, this.map.host, theme)
    const blank = swatches(runs, quantity, theme)
    const more = fewer(runs, led, this.runs) || dotted(this.runs, this.context.moment) || scale.colour
    caption(this.map.caption, blank.length || !more ? what : `${what} over time · ${more}`, blank)
    const versions = runs.map(({ store }) => `${store.versions.probe} ${store.versions.metrics}`)
    if (this.time.only([look, quantity, ...versions].join(), cursorsOf(runs, this.context), alt)) return
    const tables = runs.map(({ store }) => this.table(store, quantity, theme))
    const known = tables.flatMap(({ z }) => z.flatMap((row) => finite(row)))
    const [cmin, cmax] = scale.range(this.ranges.colour, quantile(known, 0.01), quantile(known, 0.995))
    /** @param {number} index */
    const rows = (index) => {
      const layers = tables[index].z.length
      const crowded = this.map.host.clientHeight < ROOMY * theme.scale * tables.length
      const tickvals = crowded ? [layers] : layerTicks(layers, tables.length > 1 ? 4 : 7)
      const title = { text: crowded && index !== Math.floor(tables.length / 2) ? "" : this.rows }
      return { ...this.time.base.yaxis, range: [layers + 0.5, 0.5], tickvals, title }
    }
    const { patch, axes } = stacked(runs, this.context, this.ranges.time, rows)
    const colorbar = { title: { text: measure }, ...scale.ticks([cmin, cmax]) }
    const traces = tables.flatMap(({ blank, ...table }, index) =>
      [table, blank].filter(Boolean).map((trace) => ({ ...axes[index], ...trace })),
    )
    this.time.means({ xaxis: this.context.unit })
    this.time.draw(traces, { ...patch, coloraxis: { cmin, cmax, colorbar } }, theme, alt)
  }

  /** @param {RunStore} store @param {OfRows} quantity @param {Theme} theme @returns {Trace & { z: Float32Array[] }} */
  table(store, quantity, theme) {
    const probes = store.probes.filter((probe) => probe[quantity]?.length)
    const layers = valuesOf(last(probes), quantity).length
    const customdata = Array.from({ length: layers }, (_, layer) =>
      Float64Array.from(probes, (probe) => valuesOf(probe, quantity)[layer]),
    )
    const table = {
      type: "heatmap",
      meta: store.id,
      coloraxis: "coloraxis",
      hovertemplate: `${this.rows} %{y}, %{text}<br>%{customdata:.3~g}<extra></extra>`,
      hoverongaps: false,
      x: columns(store, probes, this.context.unit),
      y: customdata.map((_, layer) => layer + 1),
      z: customdata.map(this.scale.place),
      customdata,
      text: customdata.map((row, layer) => new Array(row.length).fill(this.names(store)[layer])),
    }
    return { ...table, blank: blanks(store, probes, quantity, table, theme) }
  }

  destroy() {
    this.now.destroy()
    this.time.destroy()
  }
}
