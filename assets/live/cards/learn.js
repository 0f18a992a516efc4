// Does it learn? Loss and accuracy, each minibatch and smoothed, and the test set after each epoch.
import { el, segmented } from "../../shared/dom.js"
import { finite, logAxis, quantile, Steady, timeRange } from "../../shared/scale.js"
import { fade } from "../../shared/theme.js"
import { Card, panel } from "../card.js"
import { Chart } from "../chart.js"
import { UNITS } from "./timemap.js"

/** @import { CardView, Context, Env, Run, Theme, Trace, Unit, View } from "../types.js" */

/** @type {[value: string, text: string, title: string][]} */
const AXES = [
  ["linear", "lin", "Linear axis of the loss, from 0"],
  ["log", "log", "Logarithmic axis of the loss: equal distances are equal ratios"],
]

const SEEN = 3 // points from which on a line is seen
const LEAST = 0.5 // decades that a logarithmic axis of the loss spans

/** @implements {CardView} */
export class LearnCard {
  /** @type {View["lossAxis"] | undefined} */
  drawnAxis

  /** @param {Env} env */
  constructor(env) {
    this.env = env
    /** @type {[value: Unit, text: string, title: string][]} */
    const units = [
      ["step", "step", "Time in optimiser steps"],
      ["epoch", "epoch", "Time in passes over the training pictures"],
      ["seconds", "seconds", "Time in seconds of training, without evaluation and pauses"],
      ["macs", "MACs", "Time in multiply-adds of training: three times those of the forward pass, for each picture"],
    ]
    this.unit = segmented("Time axis of all views", units, env.view.unit, env.setUnit)
    this.axis = segmented("Loss axis", AXES, env.view.lossAxis, env.setLossAxis)
    this.card = new Card("learns", env.figures.views.learns, [this.axis, this.unit], () => env.enlarge(this))
    const place = panel()
    place.caption.append(
      el("span", { class: "dl-key dl-key-faint", text: "minibatch" }),
      el("span", { class: "dl-key dl-key-line", text: "smoothed" }),
      el("span", { class: "dl-key dl-key-dot", text: "test set" }),
    )
    this.keys = el("span", {})
    place.caption.append(this.keys)
    this.card.body.append(place.node)
    this.chart = new Chart(place.host, "learns", env.figures)
    this.chart.onClick = ({ x }) => env.setCursor(env.stepAt(x))
    this.ranges = { loss: new Steady(), logarithm: new Steady(), accuracy: new Steady(), time: new Steady() }
  }

  /** @param {Context} context */
  signature({ runs }) {
    return runs.map(({ store }) => [store.versions.metrics, store.versions.evaluation, store.summary.status]).join()
  }

  /** @param {Context} context */
  draw(context) {
    const { runs, unit, theme } = context
    const drawn = runs.filter(({ store }) => store.points.steps.length)
    this.name(drawn)
    const cursors = drawn.map(({ store }) => context.cursorOf(store)).filter((x) => x !== null)
    const cursor = Math.max(...cursors)
    const of = `${context.look} ${this.signature(context)}`
    if (this.chart.only(of, cursors.length ? { x: cursor, x2: cursor } : {}, this.card.view.alt)) return
    /** @type {Trace[]} */
    const loss = []
    /** @type {Trace[]} */
    const accuracy = []
    for (const run of drawn) {
      const { store } = run
      loss.push(
        ...traces(
          run,
          unit,
          "loss",
          store.evaluations.map((event) => event.test_loss),
          1,
          theme,
        ),
      )
      accuracy.push(
        ...traces(
          run,
          unit,
          "accuracy",
          store.evaluations.map((event) => event.test_accuracy),
          100,
          theme,
        ),
      )
    }
    for (const trace of accuracy) Object.assign(trace, { xaxis: "x2", yaxis: "y2" })
    const newest = Math.max(...drawn.map(({ store }) => store.at(store.lastStep, unit)), 0)
    const range = timeRange(this.ranges.time, newest, context.endOf(unit))
    const axis = { range, title: { text: UNITS[unit] }, exponentformat: "SI" }
    const patch = {
      xaxis: axis,
      xaxis2: axis,
      yaxis: this.lossAxis(drawn, context.lossAxis),
      ...guesses(drawn, context.lossAxis, theme),
      yaxis2: { range: this.ranges.accuracy.top(100 * highest(drawn, "accuracy"), 100) },
    }
    if (this.drawnAxis !== context.lossAxis) this.chart.forgetZoom("yaxis") // its numbers mean something else now
    this.drawnAxis = context.lossAxis
    this.chart.draw([...loss, ...accuracy], patch, theme, this.card.view.alt)
  }

  // Whose curve has which colour, where there are several.
  /** @param {Run[]} runs */
  name(runs) {
    const shown = runs.length > 1 ? runs : []
    const wanted = shown.map(({ brief, style }) => `${brief} ${style.color} ${style.dash}`).join()
    if (this.keys.dataset.of === wanted) return
    this.keys.dataset.of = wanted
    this.keys.replaceChildren(
      ...shown.map(({ brief, style }) =>
        el("span", { class: `dl-key dl-key-run dl-key-${style.dash}`, style: `--key: ${style.color}`, text: brief }),
      ),
    )
  }

  /** @param {Run[]} runs @param {View["lossAxis"]} axis */
  lossAxis(runs, axis) {
    const top = Math.min(highest(runs, "loss"), bearable(runs))
    if (axis !== "log") return { range: this.ranges.loss.top(top) }
    const range = this.ranges.logarithm.decades(Math.log10(lowest(runs)), Math.log10(top), LEAST)
    return { type: "log", title: { text: "loss (log)" }, ...logAxis(range) }
  }

  destroy() {
    this.chart.destroy()
  }
}

// The loss of a net that gives every class the same probability: what lies below it knows something.
/** @param {Run[]} runs @param {View["lossAxis"]} axis @param {Theme} theme */
function guesses(runs, axis, theme) {
  const classes = new Set(runs.map(({ store }) => store.started?.spec?.net?.num_classes).filter(Boolean))
  const losses = [...classes].map(Math.log)
  const line = { color: theme.muted, width: 1, dash: "dash" }
  return {
    shapes: losses.map((y) => ({ type: "line", xref: "x domain", x0: 0, x1: 1, yref: "y", y0: y, y1: y, line })),
    annotations: losses.map((y) => ({
      text: `guessing: ${y.toFixed(2)}`,
      xref: "x domain",
      x: 1,
      xanchor: "right",
      y: axis === "log" ? Math.log10(y) : y, // unlike a line, a text takes exponents there
      yanchor: "bottom",
      showarrow: false,
      font: { size: 11 * theme.scale, color: theme.muted },
    })),
  }
}

/** @type {(run: Run, unit: Unit, name: "loss" | "accuracy", tested: (number | null)[], factor: number, theme: Theme) => Trace[]} */
function traces({ store, style, label: run }, unit, name, tested, factor, theme) {
  const times = store.points.steps.map((step) => store.at(step, unit))
  /** @param {(number | null)[]} values */
  const scaled = (values) => Float32Array.from(values, (value) => (value === null ? NaN : factor * value))
  const label = `${run} · ${unit === "macs" ? "%{x:.3~s}MACs" : `${unit} %{x:.4~g}`}<br>`
  const number = factor === 1 ? "%{y:.3f}" : "%{y:.1f} %"
  return [
    {
      x: times,
      y: scaled(store.points[name]),
      mode: "lines",
      hoverinfo: "skip",
      line: { color: fade(style.color, theme.dark ? 0.38 : 0.26), width: 1 },
    },
    {
      x: times,
      y: scaled(store.points[`smooth_${name}`]),
      mode: times.length < SEEN ? "lines+markers" : "lines", // a line of a single point is none
      line: { color: style.color, width: 2, dash: style.dash },
      hovertemplate: `${label}training ${name}, smoothed ${number}<extra></extra>`,
    },
    {
      x: store.evaluations.map((event) => store.at(event.step, unit)),
      y: scaled(tested),
      mode: "lines+markers",
      line: { color: style.color, width: 1, dash: style.dash },
      marker: { color: style.color, size: 8, line: { color: theme.background, width: 1.5 } },
      hovertemplate: `${label}test ${name} ${number}<extra></extra>`,
    },
  ]
}

// Room for the line, the dots and nearly all minibatches: one wild minibatch must not flatten the rest.
/** @param {Run[]} runs @param {"loss" | "accuracy"} name */
function highest(runs, name) {
  const tops = runs.flatMap(({ store }) => [
    quantile(store.points[name], 0.98),
    quantile(store.points[`smooth_${name}`], 0.99),
    ...store.evaluations.map((event) => event[`test_${name}`]),
  ])
  return 1.05 * Math.max(...finite(tops), 0)
}

// The same below, on a logarithmic axis, which knows no 0.
/** @param {Run[]} runs */
function lowest(runs) {
  const bottoms = runs.flatMap(({ store }) => [
    quantile(positive(store.points.loss), 0.02),
    quantile(positive(store.points.smooth_loss), 0),
    ...positive(store.evaluations.map((event) => event.test_loss)),
  ])
  return 0.95 * Math.min(...finite(bottoms))
}

/** @type {(values: (number | null)[]) => number[]} */
const positive = (values) => values.flatMap((value) => (value !== null && value > 0 ? [value] : []))

// A loss that runs away leaves the picture at the top instead of flattening everything else.
/** @param {Run[]} runs */
const bearable = (runs) => Math.max(8, ...runs.map(({ store }) => 1.3 * (quantile(store.points.loss, 0.5) || 0)))
