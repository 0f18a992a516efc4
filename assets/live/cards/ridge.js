// All layers at one step: one outline a layer, first layer on top; for very deep nets the same as a heatmap.
import { short } from "../../shared/format.js"
import { largest, last } from "../../shared/numbers.js"
import { layerTicks } from "../../shared/scale.js"
import { fade, mix } from "../../shared/theme.js"
import { density, joined, span, ticks } from "../bins.js"
import { sizeOf } from "../film.js"
/** @import { Numbers } from "../../shared/numbers.js" */
/** @import { Chart } from "../chart.js" */
/** @import { Axes, Bins, Layout, Outlined, Picked, Range, Theme, Trace } from "../types.js" */

export const MOST_OUTLINES = 40
const LEAST = 26 // px of a run that cannot share a ridge
const GUTTER = 22 // px between two of them, for the numbers of layers
const ROOMY = 60 // px of a run, below which its axis has room for one number
/** @param {number} rows */
const overlap = (rows) => 1.4 + rows / 25 // rows that the highest bin of a row reaches up

// Where the axis of layers begins, so that the highest outline has room.
/** @param {number} rows */
export const headroom = (rows) => 0.85 - overlap(rows)

// px of a chart between its margins, at a scale of 1.
/** @type {(chart: Chart, theme: Theme) => number} */
const innerOf = ({ host, base }, { scale }) => sizeOf(host).width / scale - base.margin.l - base.margin.r

// As many runs as have room beside each other.
/** @type {<One extends Picked>(runs: One[], chart: Chart, theme: Theme) => One[]} */
export const fitting = (runs, chart, theme) =>
  runs.slice(0, Math.max(Math.floor((innerOf(chart, theme) + GUTTER) / (LEAST + GUTTER)), 1))

// Traces and layout of the ridge in a chart, for runs [{store, style, probe, picked}].
/** @param {Outlined[]} runs @param {Theme} theme @param {Chart} chart @param {(spans: Range[]) => Range} visible */
export function ridge(runs, theme, chart, visible) {
  const layers = Math.max(...runs.map(({ probe }) => probe.histogram.length))
  const together = runs.every(({ probe }) => probe.histogram.length === layers) && layers <= MOST_OUTLINES
  const bins = joined(runs[0].store.started.histogram_edges)
  const range = visible(runs.map(({ probe }) => span(probe.histogram, bins)))
  const columns = together ? 1 : runs.length
  const inner = Math.max(innerOf(chart, theme), 1)
  const gutter = columns > 1 ? Math.min(GUTTER / inner, 0.5 / (columns - 1)) : 0
  const width = (1 - gutter * (columns - 1)) / columns
  const narrow = width * inner < ROOMY
  /** @type {Layout} */
  const patch = { shapes: [], coloraxis: { cmin: 0, cmax: 1, showscale: false } }
  /** @type {Trace[]} */
  const traces = []
  runs.forEach((run, index) => {
    const name = together || !index ? "" : String(index + 1)
    const rows = run.probe.histogram.length
    const start = together ? 0 : index * (width + gutter)
    patch[`xaxis${name}`] = {
      domain: [start, start + width],
      range,
      ...(narrow ? { tickvals: [0], ticktext: ["0"] } : ticks(range, columns > 1)),
      anchor: `y${name}`,
      title: { text: narrow && index !== Math.floor((columns - 1) / 2) ? "" : "response" },
      zeroline: false,
    }
    patch[`yaxis${name}`] = {
      anchor: `x${name}`,
      range: [rows + 0.6, rows > MOST_OUTLINES ? 0.5 : headroom(rows)],
      tickvals: layerTicks(rows, 9),
      showgrid: false,
      zeroline: false,
      title: { text: index && !together ? "" : "layer" },
    }
    const axes = { xaxis: `x${name}`, yaxis: `y${name}` }
    if (rows > MOST_OUTLINES) traces.push(map(run, bins, axes))
    else if (together && index) traces.push(overlay(run, bins, axes))
    else traces.push(...outlines(run, bins, axes, theme))
    if (rows > MOST_OUTLINES) patch.shapes.push(marker(run.picked, axes, theme))
  })
  return { traces, patch }
}

/** @type {(run: Outlined, bins: Bins, axes: Axes, theme: Theme) => Trace[]} */
function outlines({ store, style, probe, picked }, bins, axes, theme) {
  return probe.histogram.map((histogram, layer) => {
    const { x, y } = outline(histogram, bins, layer, probe.histogram.length)
    const chosen = layer === picked
    return {
      ...axes,
      x,
      y,
      meta: store.id,
      mode: "lines",
      fill: "toself",
      hoveron: "fills",
      hoverinfo: "text",
      text: `${store.started.layers[layer]}<br>mean ${short(probe.mean?.[layer])}, std ${short(probe.std?.[layer])}`,
      fillcolor: fade(mix(style.color, theme.background, chosen ? 0.15 : 0.62), 0.88),
      line: { color: chosen ? theme.text : style.color, width: chosen ? 1.6 : 1 },
    }
  })
}

// The second run: all its outlines as one line, without fill.
/** @type {(run: Outlined, bins: Bins, axes: Axes) => Trace} */
export function overlay({ store, style, probe }, bins, axes) {
  /** @type {(number | null)[]} */
  const x = []
  /** @type {(number | null)[]} */
  const y = []
  probe.histogram.forEach((histogram, layer) => {
    const row = outline(histogram, bins, layer, probe.histogram.length)
    x.push(...row.x, null)
    y.push(...row.y, null)
  })
  const line = { color: style.color, width: 1.6, dash: style.dash }
  return { ...axes, x, y, meta: store.id, mode: "lines", hoverinfo: "skip", line }
}

/** @type {(histogram: Numbers, bins: Bins, layer: number, rows: number) => { x: number[], y: number[] }} */
function outline(histogram, bins, layer, rows) {
  const shares = density(histogram, bins)
  const most = largest(shares) || 1
  const base = layer + 1
  return {
    x: [bins.bounds[0], ...bins.middles, last(bins.bounds)],
    y: [base, ...shares.map((share) => base - (overlap(rows) * share) / most), base],
  }
}

/** @type {(run: Outlined, bins: Bins, axes: Axes) => Trace} */
export function map({ store, probe }, bins, axes) {
  const shares = probe.histogram.map((row) => density(row, bins))
  return {
    ...axes,
    meta: store.id,
    type: "heatmap",
    coloraxis: "coloraxis",
    x: bins.bounds,
    y: shares.map((_, layer) => layer + 1),
    z: shares.map((row) => row.map((share) => share / (largest(row) || 1))),
    customdata: shares.map((row, layer) => row.map(() => store.started.layers[layer])),
    hovertemplate: "%{customdata}<extra></extra>",
  }
}

/** @type {(picked: number, axes: Axes, theme: Theme) => Layout} */
const marker = (picked, axes, theme) => ({
  type: "rect",
  xref: `${axes.xaxis} domain`,
  yref: axes.yaxis,
  x0: 0,
  x1: 1,
  y0: picked + 0.5,
  y1: picked + 1.5,
  line: { color: theme.background, width: 1.5 },
  fillcolor: "rgba(0,0,0,0)",
})
