// The distributions in all layers at chosen moments, side by side on the same axes: a row a run, a column a moment.
import { layerTicks } from "../../shared/scale.js"
import { leaders } from "../band.js"
import { joined, span, ticks } from "../bins.js"
import { runStrip } from "../chart.js"
import { measuredAt } from "../moments.js"
import { headroom, map, overlay } from "./ridge.js"

/** @import { Context, Layout, Outlined, Range, Trace } from "../types.js" */

const GAP = { x: 0.02, y: 0.06 } // between pictures, as shares of the whole
const MOST_LINES = 20 // layers, up to which each has an outline
const MOST_ROWS = 2 // runs, up to which these have room
const HEAD = 20 // px above, for the moments
const FOOT = 22 // px below, for numbers alone

// What was measured of each run at each of the moments.
/** @param {Context} context @param {number[]} steps */
export function columnsAt({ runs, bands, momentAt }, steps) {
  return steps.map((step) => {
    const moment = momentAt(step)
    const shown = measuredAt(leaders(runs, bands), moment, "histogram").filter(({ store }) => store.started)
    return { step, when: moment.when("histogram"), shown: /** @type {Outlined[]} */ (shown) }
  })
}

/** @typedef {ReturnType<typeof columnsAt>} Columns */

/** @type {(columns: Columns, context: Context, visible: (spans: Range[]) => Range) => { traces: Trace[], patch: Layout }} */
export function multiples(columns, { runs, theme }, visible) {
  const rows = runs.filter(({ store }) => columns.some(({ shown }) => shown.some((cell) => cell.store === store)))
  const cells = columns.flatMap(({ shown }) => shown)
  const bins = joined(cells[0].store.started.histogram_edges)
  const range = visible(cells.map(({ probe }) => span(probe.histogram, bins)))
  const wide = (1 - GAP.x * (columns.length - 1)) / columns.length
  const high = (1 - GAP.y * (rows.length - 1)) / rows.length
  /** @type {Layout} */
  const patch = {
    shapes: [],
    annotations: columns.map(({ when }, column) => ({
      text: when,
      xref: "paper",
      x: column * (wide + GAP.x) + wide / 2,
      xanchor: "center",
      yref: "paper",
      y: 1,
      yanchor: "bottom",
      showarrow: false,
      font: { size: 12 * theme.scale, color: theme.text },
    })),
    margin: { t: HEAD, b: FOOT },
    coloraxis: { cmin: 0, cmax: 1, showscale: false },
  }
  /** @type {Trace[]} */
  const traces = []
  rows.forEach((run, row) => {
    const top = 1 - row * (high + GAP.y)
    if (rows.length > 1) patch.shapes.push(runStrip(run, top - high, top))
    columns.forEach(({ shown }, column) => {
      const name = axisOf(row, column, columns.length)
      const axes = { xaxis: `x${name}`, yaxis: `y${name}` }
      const start = column * (wide + GAP.x)
      const cell = shown.find(({ store }) => store === run.store)
      const layers = cell?.probe.histogram.length ?? 1
      const lines = layers <= MOST_LINES && rows.length <= MOST_ROWS
      const lowest = row === rows.length - 1
      patch[`xaxis${name}`] = {
        domain: [start, start + wide],
        range,
        ...ticks(range, true),
        anchor: `y${name}`,
        title: { text: "" },
        showticklabels: lowest,
        zeroline: false,
      }
      patch[`yaxis${name}`] = {
        domain: [top - high, top],
        anchor: `x${name}`,
        autorange: false,
        range: [layers + 0.6, lines ? headroom(layers) : 0.5],
        tickvals: layerTicks(layers, rows.length > MOST_ROWS ? 2 : 5),
        showticklabels: !column,
        title: { text: column || row ? "" : "layer" },
        showgrid: false,
        zeroline: false,
      }
      if (cell) traces.push((lines ? overlay : map)(cell, bins, axes))
    })
  })
  return { traces, patch }
}

/** @type {(row: number, column: number, columns: number) => string} */
function axisOf(row, column, columns) {
  const index = row * columns + column
  return index ? String(index + 1) : ""
}

// The column of an axis ("x", "x2", …).
/** @type {(axis: string, columns: number) => number} */
export const columnOf = (axis, columns) => ((Number(axis.slice(1)) || 1) - 1) % columns
