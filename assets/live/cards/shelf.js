// Rows that have no place on a logarithmic axis: marks on a shelf below it, cells of their own colours, and their words.
import { el } from "../../shared/dom.js"
import { fade, mix } from "../../shared/theme.js"
import vocabulary from "../../vocabulary.js"
import { grouped, listed, STATES, standings, summed } from "../reach.js"

/** @import { RunStore } from "../store.js" */
/** @import { Measured, OfRows, Range, Run, Standing, Standings, Taken, Theme, Trace } from "../types.js" */

const HEIGHT = 0.1 // of the shelf, as a share of the axis above it
/** @type {Record<Standing["state"], string>} */
const SYMBOLS = { none: "x", below: "triangle-down-open", unknown: "diamond-open" }
/** @type {Record<Standing["state"], string>} */
const GLYPHS = { none: "✕", below: "▽", unknown: "◇" }
const SMALL = 40 // layers from which on marks are smaller

// Colours of the three in a heatmap, on either background beside Viridis.
/** @type {(theme: Theme) => Record<Standing["state"], string>} */
const colours = (theme) => ({
  none: mix(theme.text, theme.background, 0.45),
  below: mix(theme.text, theme.background, 0.8),
  unknown: vocabulary.colours.unknown,
})

// Marks of runs [{store, label, brief, style, probe}], what they mean, and the axis range in exponents with room for them, a lane a
// run. A row is a `unit`: "layer", "block".
/**
 * @param {Measured[]} runs
 * @param {OfRows} quantity
 * @param {Range} range
 * @param {{ names: (store: RunStore) => string[], unit: string, theme: Theme }} rows
 */
export function shelf(runs, quantity, [low, high], { names, unit, theme }) {
  const found = runs.map(({ store, probe }) => standings(store, probe, quantity))
  const lanes = [...found.keys()].filter((index) => found[index].some(Boolean))
  if (!lanes.length) return { range: [low, high], traces: [], shapes: [], annotations: [] }
  const height = HEIGHT * lanes.length * (high - low)
  const traces = lanes.map((index, lane) => {
    const y = 10 ** (low - (height * (lane + 0.5)) / lanes.length)
    return marks(runs[index], found[index], names(runs[index].store), y)
  })
  const words = legend(runs, found, unit)
  return { range: [low - height, high], traces, shapes: [board(low, height, theme)], annotations: [note(words, theme)] }
}

/** @type {(run: Run, found: Standings, names: string[], y: number) => Trace} */
function marks({ store, label, style }, found, names, y) {
  const rows = found.flatMap((standing, row) => (standing ? [{ row, ...standing }] : []))
  return {
    x: rows.map(({ row }) => row + 1),
    y: rows.map(() => y),
    mode: "markers",
    meta: store.id,
    cliponaxis: false,
    marker: {
      symbol: rows.map(({ state }) => SYMBOLS[state]),
      size: found.length > SMALL ? 5 : 8,
      color: style.color,
      line: { color: style.color, width: 1 },
    },
    text: rows.map(({ row, words }) => `${names[row]}<br>${words}`),
    hovertemplate: `${label} · %{text}<extra></extra>`,
  }
}

/** @type {(low: number, height: number, theme: Theme) => Trace} */
const board = (low, height, theme) => ({
  type: "rect",
  xref: "paper",
  yref: "y",
  layer: "below",
  x0: 0,
  x1: 1,
  y0: 10 ** (low - height),
  y1: 10 ** low,
  line: { width: 0 },
  fillcolor: fade(theme.text, 0.06),
})

// What the marks mean, and which rows have them; of two runs with their names.
/** @type {(runs: Run[], found: Standings[], unit: string) => string[]} */
function legend(runs, found, unit) {
  const names = runs.map(({ brief }) => (runs.length > 1 ? `${brief}, ` : ""))
  return found.flatMap((standing, index) =>
    grouped(standing).map(
      ({ state, words, rows }) => `${GLYPHS[state]} ${names[index]}${listed(rows, unit)}:<br>${words}`,
    ),
  )
}

/** @type {(lines: string[], theme: Theme) => Trace} */
const note = (lines, theme) => ({
  xref: "paper",
  yref: "paper",
  x: 0,
  y: 1,
  xanchor: "left",
  yanchor: "top",
  align: "left",
  showarrow: false,
  text: lines.join("<br>"),
  font: { color: theme.text, size: 12 },
  bgcolor: fade(theme.background, 0.85),
})

// The cells of a heatmap that have no number, in words and colours; null where all have one.
/** @type {(store: RunStore, probes: Taken[], quantity: OfRows, table: Trace, theme: Theme) => Trace | null} */
export function blanks(store, probes, quantity, table, theme) {
  const found = probes.map((probe) => standings(store, probe, quantity))
  if (!found.some((column) => column.some(Boolean))) return null
  /** @type {number[]} */
  const rows = [...table.y.keys()]
  return {
    ...table,
    coloraxis: undefined,
    z: rows.map((row) => found.map((column) => indexOf(column[row]))),
    zmin: 0,
    zmax: STATES.length - 1,
    colorscale: steps(STATES.map((state) => colours(theme)[state])),
    showscale: false,
    customdata: rows.map((row) => found.map((column) => column[row]?.words)),
    hovertemplate: table.hovertemplate.replace(":.3~g", ""),
  }
}

/** @param {Standing | null} standing */
const indexOf = (standing) => (standing ? STATES.indexOf(standing.state) : null)

// A colour scale that holds each colour over an equal part.
/** @param {string[]} list */
const steps = (list) => list.flatMap((colour, at) => [at, at + 1].map((edge) => [edge / list.length, colour]))

// Behind a heatmap's caption: what its colours without a number mean.
/** @type {(runs: Run[], quantity: OfRows, theme: Theme) => HTMLElement[]} */
export function swatches(runs, quantity, theme) {
  const groups = runs.flatMap(({ store }) =>
    store.probes.filter((probe) => probe[quantity]).flatMap((probe) => grouped(standings(store, probe, quantity))),
  )
  return STATES.flatMap((state) => {
    const words = groups.filter((group) => group.state === state).map((group) => group.words)
    if (!words.length) return []
    const style = `--key: ${colours(theme)[state]}`
    return [el("span", { class: "dl-key dl-key-cell", style, text: summed(state, words) })]
  })
}
