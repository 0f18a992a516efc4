// What the learn view draws of a run and of a band, and what lies above its axis.
import { short } from "../../shared/format.js"
import { fade, readable } from "../../shared/theme.js"
import { band, ownersOf } from "../band.js"
import { less, positions, tested } from "../baseline.js"
import { sizeOf } from "../ends.js"

/** @import { Against } from "../baseline.js" */
/** @import { Band, Range, Run, Theme, Trace, Unit } from "../types.js" */
/** @import { End } from "../ends.js" */
/** @import { RunStore } from "../store.js" */

const SEEN = 3 // points from which on a line is seen
/** @typedef {"loss" | "accuracy"} Name */
/**
 * @typedef {object} Plot
 * @property {Name} name
 * @property {Unit} unit
 * @property {string} smooth
 * @property {Against | null} against what is drawn are differences to it
 * @property {Range} range of its axis
 * @property {Theme} theme
 */
/** @typedef {Pick<Plot, "name" | "unit" | "smooth" | "against">} Of */

const PERCENT = { loss: 1, accuracy: 100 } // numbers of the axis for one of the run

/** @type {(values: ArrayLike<number | null>, name: Name) => Float32Array} */
const scaled = (values, name) => Float32Array.from(values, (value) => (value === null ? NaN : PERCENT[name] * value))

/** @type {(run: Run, of: Of) => { x: number[], raw: Float32Array, smooth: Float32Array, testX: number[], tests: Float32Array }} */
export function known({ store }, of) {
  const { unit } = of
  return {
    x: store.points.steps.map((step) => store.at(step, unit)),
    testX: store.evaluations.map((event) => store.at(event.step, unit)),
    ...(of.against ? differences(store, of, of.against) : numbersOf(store, of)),
  }
}

/** @type {(store: RunStore, of: Pick<Of, "name" | "smooth">) => { raw: Float32Array, smooth: Float32Array, tests: Float32Array }} */
const numbersOf = (store, { name, smooth }) => ({
  raw: scaled(store.points[name], name),
  smooth: scaled(store.smoothed(name, smooth), name),
  tests: scaled(
    store.evaluations.map((event) => event[`test_${name}`]),
    name,
  ),
})

// Two lines that differ are smoothed alike.
/** @type {(store: RunStore, of: Of, against: Against) => ReturnType<typeof numbersOf>} */
function differences(store, { name, smooth }, against) {
  const other = against.run.store
  const alike = [store, other].every((each) => smooth === "0" || each.knows(name, smooth)) ? smooth : ""
  const [own, its] = [store, other].map((each) => numbersOf(each, { name, smooth: alike }))
  const [at, there] = [store, other].map((each) => positions(each, each.points.steps, against))
  const [tests, theirs] = [store, other].map((each) => tested(each, against))
  return {
    raw: less({ at, values: own.raw }, { at: there, values: its.raw }, "exactly"),
    smooth: less({ at, values: own.smooth }, { at: there, values: its.smooth }, "between"),
    tests: less({ at: tests, values: own.tests }, { at: theirs, values: its.tests }, "exactly"),
  }
}

// What a number of a plot is, and how it is written.
/** @type {(plot: Pick<Plot, "name" | "against">) => { less: string, number: string }} */
const written = ({ name, against }) => {
  const sign = against ? "+" : ""
  const unit = name === "loss" ? "" : against ? " points" : " %"
  return {
    less: against ? ` less ${against.run.brief}’s` : "",
    number: `%{y:${sign}.${name === "loss" ? 3 : 1}f}${unit}`,
  }
}

/** @param {Unit} unit */
const timeOf = (unit) => (unit === "macs" ? "%{x:.3~s}MACs" : `${unit} %{x:.4~g}`)

// Each minibatch, the same smoothed, and the tests.
/** @type {(run: Run, plot: Plot) => Trace[]} */
export function single(run, plot) {
  const { store, style, label, brief, quiet } = run
  const { name, unit, range, theme } = plot
  const { x, raw, smooth, testX, tests } = known(run, plot)
  const title = `${label} · ${timeOf(unit)}<br>`
  const { less, number } = written(plot)
  const traces = [
    {
      x,
      y: quiet ? [] : raw,
      mode: "lines",
      hoverinfo: "skip",
      line: { color: fade(style.color, theme.dark ? 0.38 : 0.26), width: 1 },
    },
    {
      x,
      y: smooth,
      mode: x.length < SEEN ? "lines+markers" : "lines", // a line of a single point is none
      line: { color: style.color, width: 2, dash: style.dash },
      hovertemplate: `${title}training ${name}, smoothed${less} ${number}<extra></extra>`,
    },
    {
      x: testX,
      y: tests.map((value) => (value > range[1] || value < range[0] ? NaN : value)),
      mode: "lines+markers",
      line: { color: style.color, width: 1, dash: style.dash },
      marker: { color: style.color, size: quiet ? 4 : 8, line: { color: theme.background, width: quiet ? 0 : 1.5 } },
      hovertemplate: `${title}test ${name}${less} ${number}<extra></extra>`,
    },
    ...beyond(testX, tests, `${brief}, test ${name}`, style.color, plot),
    ...beyond(...extremes(x, smooth), `${brief}, training ${name} at most`, style.color, plot),
  ]
  return traces.map((trace) => ({ ...trace, meta: store.id }))
}

// Mean and range of several runs, and the mean of their tests.
/** @type {(drawn: Band, plot: Plot) => Trace[]} */
export function banded({ runs, name: brief, of }, plot) {
  const { name, unit, theme } = plot
  const { less, number } = written(plot)
  const { color, dash } = runs[0].style
  const all = runs.map((run) => known(run, plot))
  const training = band(all.map(({ x, smooth }) => ({ x, y: smooth })))
  const tested = band(all.map(({ testX, tests }) => ({ x: testX, y: tests })))
  const title = `${brief}: ${of} · ${timeOf(unit)}<br>`
  const edge = { mode: "lines", hoverinfo: "skip", line: { color, width: 0 } }
  return [
    { ...edge, x: training.x, y: training.low },
    { ...edge, x: training.x, y: training.high, fill: "tonexty", fillcolor: fade(color, 0.25) },
    {
      x: training.x,
      y: training.mean,
      mode: "lines",
      line: { color, width: 2, dash },
      hovertemplate: `${title}training ${name}, smoothed${less} ${number}<extra></extra>`,
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
      hovertemplate: `${title}test ${name}${less} ${number}<extra></extra>`,
    },
    ...beyond(tested.x, tested.mean, `${brief}, test ${name}`, color, plot),
  ].map((trace) => ({ ...trace, meta: ownersOf(runs) }))
}

// Where the smoothed curves end, for their names.
/** @type {(runs: Run[], bands: Band[], of: Of) => End[]} */
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

/** @type {(runs: Run[], of: Of) => { x: number[], smooth: number[] }} */
function meanOf(runs, plot) {
  const { x, mean } = band(runs.map((run) => known(run, plot)).map(({ x, smooth }) => ({ x, y: smooth })))
  return { x, smooth: mean }
}

// The lowest and the highest point of a curve.
/** @type {(x: number[], y: Float32Array) => [x: number[], y: number[]]} */
function extremes(x, y) {
  let [low, high] = [-1, -1]
  y.forEach((value, index) => {
    if (!Number.isFinite(value)) return
    if (low < 0 || value < y[low]) low = index
    if (high < 0 || value > y[high]) high = index
  })
  const found = low < 0 ? [] : [...new Set([low, high])]
  return [found.map((index) => x[index]), found.map((index) => y[index])]
}

// A triangle at the edge, with its number, for each value that lies above or below the axis.
/** @type {(x: number[], y: ArrayLike<number>, what: string, color: string, plot: Pick<Plot, "range" | "theme">) => Trace[]} */
export function beyond(x, y, what, color, { range: [low, high], theme }) {
  const values = Array.from(y)
  const size = sizeOf(theme)
  return /** @type {const} */ ([
    ["above", "↑", "triangle-up", high, (/** @type {number} */ value) => value > high],
    ["below", "↓", "triangle-down", low, (/** @type {number} */ value) => value < low],
  ]).flatMap(([side, arrow, symbol, edge, out]) => {
    const over = [...values.keys()].filter((index) => out(values[index]))
    if (!over.length) return []
    return [
      {
        x: over.map((index) => x[index]),
        y: over.map(() => edge),
        mode: "markers+text",
        marker: { symbol, color, size: 0.8 * size },
        cliponaxis: false,
        text: over.map((index) => `${arrow} ${short(values[index])}`),
        customdata: over.map((index) => `${arrow} ${short(values[index])}`),
        textfont: { color: readable(color, theme), size: size - 1 },
        hovertemplate: `${what}: %{customdata}<br>${side} the axis<extra></extra>`,
      },
    ]
  })
}

const LABEL = 0.22 // of the axis that a number beside a triangle takes
const LANES = 4 // of such numbers; where there are more, the pointer tells them

// Numbers at the edges of a plot are moved apart: what would stand on another goes a line further in.
/** @type {(traces: Trace[], end: number) => Trace[]} end: of the axis of time */
export function apart(traces, end) {
  /** @type {{ side: string, from: number, to: number, lane: number }[]} */
  const placed = []
  return traces.map((trace) => {
    if (trace.mode !== "markers+text") return trace
    const side = trace.marker.symbol === "triangle-up" ? "bottom" : "top"
    const right = trace.x.map((/** @type {number} */ x) => x < end / 2)
    const text = trace.x.map((/** @type {number} */ x, /** @type {number} */ index) => {
      const [from, to] = right[index] ? [x, x + LABEL * end] : [x - LABEL * end, x]
      const near = placed.filter((other) => other.side === side && other.from < to && other.to > from)
      const lane = [...Array(LANES).keys()].find((wanted) => near.every((other) => other.lane !== wanted))
      if (lane === undefined) return ""
      placed.push({ side, from, to, lane })
      const lines = "<br>".repeat(lane)
      return side === "bottom" ? `${lines}${trace.text[index]}` : `${trace.text[index]}${lines}`
    })
    return {
      ...trace,
      text,
      textposition: right.map((/** @type {boolean} */ is) => `${side} ${is ? "right" : "left"}`),
    }
  })
}
