// What the learn view draws of a run and of a band, and what lies above its axis.
import { short } from "../../shared/format.js"
import { fade, readable } from "../../shared/theme.js"
import { band, ownersOf } from "../band.js"
import { sizeOf } from "../ends.js"

/** @import { Band, Run, Theme, Trace, Unit } from "../types.js" */
/** @import { End } from "../ends.js" */

const SEEN = 3 // points from which on a line is seen
/** @typedef {"loss" | "accuracy"} Name */
/** @typedef {{ name: Name, unit: Unit, smooth: string, top: number, theme: Theme }} Plot top: where its axis ends */

const PERCENT = { loss: 1, accuracy: 100 } // numbers of the axis for one of the run

/** @type {(values: ArrayLike<number | null>, name: Name) => Float32Array} */
const scaled = (values, name) => Float32Array.from(values, (value) => (value === null ? NaN : PERCENT[name] * value))

/** @type {(run: Run, plot: Pick<Plot, "name" | "unit" | "smooth">) => { x: number[], smooth: Float32Array, testX: number[], tests: Float32Array }} */
function known({ store }, { name, unit, smooth }) {
  return {
    x: store.points.steps.map((step) => store.at(step, unit)),
    smooth: scaled(store.smoothed(name, smooth), name),
    testX: store.evaluations.map((event) => store.at(event.step, unit)),
    tests: scaled(
      store.evaluations.map((event) => event[`test_${name}`]),
      name,
    ),
  }
}

/** @param {Unit} unit */
const timeOf = (unit) => (unit === "macs" ? "%{x:.3~s}MACs" : `${unit} %{x:.4~g}`)

// Each minibatch, the same smoothed, and the tests.
/** @type {(run: Run, plot: Plot) => Trace[]} */
export function single(run, plot) {
  const { store, style, label, brief } = run
  const quiet = style.color !== run.lit // one of very many
  const { name, unit, top, theme } = plot
  const { x, smooth, testX, tests } = known(run, plot)
  const title = `${label} · ${timeOf(unit)}<br>`
  const number = name === "loss" ? "%{y:.3f}" : "%{y:.1f} %"
  const traces = [
    {
      x,
      y: quiet ? [] : scaled(store.points[name], name),
      mode: "lines",
      hoverinfo: "skip",
      line: { color: fade(style.color, theme.dark ? 0.38 : 0.26), width: 1 },
    },
    {
      x,
      y: smooth,
      mode: x.length < SEEN ? "lines+markers" : "lines", // a line of a single point is none
      line: { color: style.color, width: 2, dash: style.dash },
      hovertemplate: `${title}training ${name}, smoothed ${number}<extra></extra>`,
    },
    {
      x: testX,
      y: tests.map((value) => (value > top ? NaN : value)),
      mode: "lines+markers",
      line: { color: style.color, width: 1, dash: style.dash },
      marker: { color: style.color, size: quiet ? 4 : 8, line: { color: theme.background, width: quiet ? 0 : 1.5 } },
      hovertemplate: `${title}test ${name} ${number}<extra></extra>`,
    },
    ...above(testX, tests, `${brief}, test ${name}`, style.color, plot),
    ...above(...peak(x, smooth), `${brief}, training ${name} at most`, style.color, plot),
  ]
  return traces.map((trace) => ({ ...trace, meta: store.id }))
}

// Mean and range of several runs, and the mean of their tests.
/** @type {(drawn: Band, plot: Plot) => Trace[]} */
export function banded({ runs, name: brief, of }, plot) {
  const { name, unit, theme } = plot
  const { color, dash } = runs[0].style
  const all = runs.map((run) => known(run, plot))
  const training = band(all.map(({ x, smooth }) => ({ x, y: smooth })))
  const tested = band(all.map(({ testX, tests }) => ({ x: testX, y: tests })))
  const title = `${brief}: ${of} · ${timeOf(unit)}<br>`
  const number = name === "loss" ? "%{y:.3f}" : "%{y:.1f} %"
  const edge = { mode: "lines", hoverinfo: "skip", line: { color, width: 0 } }
  return [
    { ...edge, x: training.x, y: training.low },
    { ...edge, x: training.x, y: training.high, fill: "tonexty", fillcolor: fade(color, 0.25) },
    {
      x: training.x,
      y: training.mean,
      mode: "lines",
      line: { color, width: 2, dash },
      hovertemplate: `${title}training ${name}, smoothed ${number}<extra></extra>`,
    },
    {
      x: tested.x,
      y: tested.mean,
      mode: "markers",
      marker: { color, size: 8, line: { color: theme.background, width: 1.5 } },
      error_y: {
        type: "data",
        symmetric: false,
        array: tested.high.map((value, index) => value - tested.mean[index]),
        arrayminus: tested.low.map((value, index) => tested.mean[index] - value),
        color,
        thickness: 1,
        width: 2,
      },
      hovertemplate: `${title}test ${name} ${number}<extra></extra>`,
    },
    ...above(tested.x, tested.mean, `${brief}, test ${name}`, color, plot),
  ].map((trace) => ({ ...trace, meta: ownersOf(runs) }))
}

// Where the smoothed curves end, for their names.
/** @type {(runs: Run[], bands: Band[], plot: Pick<Plot, "name" | "unit" | "smooth">) => End[]} */
export function ends(runs, bands, plot) {
  const lines = [
    ...runs.map((run) => ({ runs: [run], name: run.brief, ...known(run, plot) })),
    ...bands.map(({ runs, name }) => ({ runs, name, ...meanOf(runs, plot) })),
  ]
  return lines.flatMap(({ runs, name, x, smooth }) => {
    const at = smooth.findLastIndex((value) => Number.isFinite(value))
    return at < 0 ? [] : [{ id: ownersOf(runs), name, color: runs[0].style.color, x: x[at], y: smooth[at] }]
  })
}

/** @type {(runs: Run[], plot: Pick<Plot, "name" | "unit" | "smooth">) => { x: number[], smooth: number[] }} */
function meanOf(runs, plot) {
  const { x, mean } = band(runs.map((run) => known(run, plot)).map(({ x, smooth }) => ({ x, y: smooth })))
  return { x, smooth: mean }
}

// The highest point of a curve.
/** @type {(x: number[], y: Float32Array) => [x: number[], y: number[]]} */
function peak(x, y) {
  let best = 0
  y.forEach((value, index) => {
    if (!(value <= y[best])) best = index
  })
  return [x.slice(best, best + 1), [...y.slice(best, best + 1)]]
}

// A triangle at the upper edge, with its number, for each value that lies above it.
/** @type {(x: number[], y: ArrayLike<number>, what: string, color: string, plot: Plot) => Trace[]} */
export function above(x, y, what, color, { top, theme }) {
  const values = Array.from(y)
  const over = [...values.keys()].filter((index) => values[index] > top)
  if (!over.length) return []
  const size = sizeOf(theme)
  return [
    {
      x: over.map((index) => x[index]),
      y: over.map(() => top),
      mode: "markers+text",
      marker: { symbol: "triangle-up", color, size: 0.8 * size },
      cliponaxis: false,
      text: over.map((index) => `↑ ${short(values[index])}`),
      textposition: over.map((index) => (index < values.length / 2 ? "bottom right" : "bottom left")),
      textfont: { color: readable(color, theme), size: size - 1 },
      hovertemplate: `${what}: %{text}<br>above the axis<extra></extra>`,
    },
  ]
}
