// All layers at one step: one outline a layer, first layer on top; for very deep nets the same as a heatmap.
import { centre, largest, span, sum, ticks } from "../bins.js"
import { layerTicks } from "../scale.js"
import { fade, mix } from "../theme.js"

export const MOST_OUTLINES = 40
const OVERLAP = 1.9 // rows that the highest bin of a row reaches up

// Traces and layout of the ridge, for runs [{store, style, probe}].
export function ridge(runs, picked, theme, view) {
  const layers = Math.max(...runs.map(({ probe }) => probe.histogram.length))
  const together = runs.every(({ probe }) => probe.histogram.length === layers) && layers <= MOST_OUTLINES
  const edges = runs[0].store.started.histogram_edges
  const bins = edges.length + 1
  const range = view.span(runs.map(({ probe }) => span(probe.histogram, bins)))
  const columns = together ? 1 : runs.length
  const patch = { shapes: [], coloraxis: { cmin: 0, cmax: 1, showscale: false } }
  const traces = []
  runs.forEach((run, index) => {
    const name = together || !index ? "" : String(index + 1)
    const rows = run.probe.histogram.length
    const width = (1 - 0.1 * (columns - 1)) / columns
    const start = together ? 0 : index * (width + 0.1)
    patch[`xaxis${name}`] = { domain: [start, start + width], range, ...ticks(edges, columns > 1), anchor: `y${name}`, title: { text: "response" }, zeroline: false }
    patch[`yaxis${name}`] = { anchor: `x${name}`, range: [rows + 0.6, rows > MOST_OUTLINES ? 0.5 : 1 - OVERLAP], tickvals: layerTicks(rows, 9), showgrid: false, zeroline: false, title: { text: index && !together ? "" : "layer" } }
    const axes = { xaxis: `x${name}`, yaxis: `y${name}` }
    if (rows > MOST_OUTLINES) traces.push(map(run, axes))
    else if (together && index) traces.push(overlay(run, axes))
    else traces.push(...outlines(run, picked, axes, theme))
    if (rows > MOST_OUTLINES && picked < rows) patch.shapes.push(marker(picked, axes, theme))
  })
  return { traces, patch }
}

function outlines({ store, style, probe }, picked, axes, theme) {
  return probe.histogram.map((histogram, layer) => {
    const { x, y } = outline(histogram, layer)
    const chosen = layer === picked
    return {
      ...axes, x, y, mode: "lines", fill: "toself", hoveron: "fills", hoverinfo: "text",
      text: `${store.started.layers[layer]}<br>mean ${probe.mean?.[layer]?.toFixed(2)}, std ${probe.std?.[layer]?.toFixed(2)}`,
      fillcolor: fade(mix(style.color, theme.background, chosen ? 0.15 : 0.62), 0.88),
      line: { color: chosen ? theme.text : style.color, width: chosen ? 1.6 : 1, dash: style.dash },
    }
  })
}

// The second run: all its outlines as one line, without fill.
function overlay({ style, probe }, axes) {
  const x = []
  const y = []
  probe.histogram.forEach((histogram, layer) => {
    const row = outline(histogram, layer)
    x.push(...row.x, null)
    y.push(...row.y, null)
  })
  return { ...axes, x, y, mode: "lines", hoverinfo: "skip", line: { color: style.color, width: 1.6, dash: style.dash } }
}

function outline(histogram, layer) {
  const most = largest(histogram) || 1
  const x = [centre(-1)]
  const y = [layer + 1]
  for (let bin = 0; bin < histogram.length; bin++) {
    x.push(centre(bin))
    y.push(layer + 1 - (OVERLAP * histogram[bin]) / most)
  }
  x.push(centre(histogram.length))
  y.push(layer + 1)
  return { x, y }
}

function map({ probe }, axes) {
  return {
    ...axes, type: "heatmap", coloraxis: "coloraxis",
    x: Array.from(probe.histogram[0], (_, bin) => centre(bin)),
    y: probe.histogram.map((_, layer) => layer + 1),
    z: probe.histogram.map((row) => Float32Array.from(row, (count) => count / (largest(row) || 1))),
    customdata: probe.histogram.map((row) => Float32Array.from(row, (count) => (100 * count) / (sum(row) || 1))),
    hovertemplate: "layer %{y}<br>%{customdata:.1f} % of its values<extra></extra>",
  }
}

const marker = (picked, axes, theme) => ({
  type: "rect", xref: `${axes.xaxis} domain`, yref: axes.yaxis, x0: 0, x1: 1, y0: picked + 0.5, y1: picked + 1.5,
  line: { color: theme.background, width: 1.5 }, fillcolor: "rgba(0,0,0,0)",
})
