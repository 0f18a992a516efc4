// Does it learn? Loss and accuracy, each minibatch and smoothed, and the test set after each epoch.
import { el, picked, say, segmented } from "../../shared/dom.js"
import { finite, logAxis, quantile, Steady, timeRange } from "../../shared/scale.js"
import vocabulary from "../../vocabulary.js"
import { alone, ownersOf } from "../band.js"
import { equally } from "../baseline.js"
import { Card, panel } from "../card.js"
import { changes } from "../changes.js"
import { Chart } from "../chart.js"
import { labels, stack, widthOf } from "../ends.js"
import { apart, banded, ends, known, single } from "./curves.js"
import { UNITS } from "./timemap.js"

/** @import { Band, CardView, Context, Env, Layout, Range, Run, Theme, Trace, Unit, View } from "../types.js" */
/** @import { End } from "../ends.js" */
/** @import { Plot } from "./curves.js" */

/** @type {[value: string, text: string, title: string][]} */
const AXES = [
  ["linear", "lin", "Linear axis of the loss, from 0"],
  ["log", "log", "Logarithmic axis of the loss: equal distances are equal ratios"],
]

/** @type {[value: string, text: string, title: string][]} */
const SMOOTHINGS = [
  ["", "smooth: usual", "A moving average over a quarter of an epoch, 8 to 200 steps"],
  ["0", "smooth: none", "Each minibatch as it was measured"],
  ...vocabulary.traces.smoothings.map(
    (steps) =>
      /** @type {[string, string, string]} */ ([
        String(steps),
        `smooth: ${steps}`,
        `A moving average over ${steps} steps, where it is known: of long recordings of older versions it is not`,
      ]),
  ),
]

const SHARE = 0.01 // of the differences at either end that may lie outside
const WILD = 3 // times the smoothed curves' largest difference, from which on a test has a triangle at the edge
const BESIDE_ZERO = 0.15 // of the larger side that the smaller one has at least
const LEAST_DIFFERENCE = { loss: 0.01, accuracy: 0.5 } // less would blow up noise
const LONGEST = 9 // letters of a name that fits beside an axis
const LEAST = 0.5 // decades that a logarithmic axis of the loss spans
const BETWEEN = 54 // px between the two plots, for the numbers of the second
const NARROWEST = 150 // px of a plot, below which names stand in the legend
const AWAY = 20 // times the loss of the calmest run, from which on a run may leave the picture
const WIDE = 260 // px of a plot, from which on both have names

/** @implements {CardView} */
export class LearnCard {
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
    const smooth = picked("Smoothing of the lines", SMOOTHINGS, env.view.smooth, (smooth) =>
      env.choose(this, { smooth }),
    )
    this.card = new Card("learns", env.figures.views.learns, [smooth, this.axis, this.unit], () => env.enlarge(this))
    const place = (this.place = panel())
    place.caption.append(
      el("span", { class: "dl-key dl-key-faint", text: "minibatch" }),
      el("span", { class: "dl-key dl-key-line", text: "smoothed" }),
      el("span", { class: "dl-key dl-key-dot", text: "test set" }),
    )
    this.differ = el("span", { class: "dl-differ" })
    this.keys = el("span", {})
    place.caption.prepend(this.differ)
    place.caption.append(this.keys)
    this.card.body.append(place.node)
    this.chart = new Chart(place.host, "learns", env.figures)
    this.chart.onClick = ({ x }) => env.setCursor(env.stepAt(x))
    this.ranges = { loss: new Steady(), logarithm: new Steady(), accuracy: new Steady(), time: new Steady() }
    this.differences = { loss: [new Steady(), new Steady()], accuracy: [new Steady(), new Steady()] }
  }

  /** @param {Context} context */
  signature({ runs, bands }) {
    const versions = runs.map(({ store }) => [store.versions.metrics, store.versions.evaluation, store.summary.status])
    return [versions, bands.map(({ of }) => of)].join()
  }

  /** @param {Context} context */
  draw(context) {
    const { against, bands, unit, smooth, theme } = context
    const drawn = context.runs.filter(({ store }) => store.points.steps.length)
    const cursors = drawn.map(({ store }) => context.cursorOf(store)).filter((x) => x !== null)
    const cursor = Math.max(...cursors)
    const shown = against ? `differences to ${against.run.brief}, ${equally(against)}` : ""
    const alt = `${this.card.view.alt}${shown && ` What is drawn are ${shown}.`}`
    const of = `${context.look} ${shown} ${this.signature(context)}`
    if (this.chart.only(of, cursors.length ? { x: cursor, x2: cursor } : {}, alt)) return
    say(this.differ, shown)
    this.axis.hidden = Boolean(against) // below 0 there is no logarithm
    const log = context.lossAxis === "log" && !against
    const yaxis = against ? this.differAxis(drawn, "loss", context) : this.lossAxis(drawn, context.lossAxis)
    const yaxis2 = against ? this.differAxis(drawn, "accuracy", context) : this.accuracyAxis(drawn)
    const inLoss = /** @type {Range} */ (log ? yaxis.range.map((exponent) => 10 ** exponent) : yaxis.range)
    /** @type {Plot} */
    const loss = { name: "loss", unit, smooth, against, range: inLoss, theme }
    /** @type {Plot} */
    const accuracy = { ...loss, name: "accuracy", range: against ? yaxis2.range : [-Infinity, Infinity] }
    const based = drawn.filter((run) => run.store === against?.run.store) // a line at 0, also where it is of a band
    const runs = [...new Set([...based, ...alone(drawn, bands)])]
    const newest = Math.max(...drawn.map(({ store }) => store.at(store.lastStep, unit)), 0)
    const range = timeRange(this.ranges.time, newest, context.endOf(unit))
    /** @param {Plot} plot */
    const traces = (plot) => [
      ...bands.flatMap((each) => banded(each, plot)),
      ...runs.toReversed().flatMap((run) => single(run, plot)), // the first, which others are read against, on top
    ]
    const left = apart(traces(loss), range[1])
    const right = apart(traces(accuracy), range[1]).map((trace) => ({ ...trace, xaxis: "x2", yaxis: "y2" }))
    const axis = { range, title: { text: UNITS[unit] }, exponentformat: "SI" }
    const fixed = { xaxis: axis, xaxis2: axis, yaxis, yaxis2 }
    const guessed = guesses(against ? [] : drawn, context.lossAxis, theme)
    const changed = changes(context.runs, unit, theme, ["x", "x2"])
    const shapes = [...guessed.shapes, ...changed.shapes]
    const notes = [...guessed.annotations, ...changed.annotations]
    const found = { loss: ends(runs, bands, loss), accuracy: ends(runs, bands, accuracy) }
    this.chart.means({ xaxis: unit, yaxis: `${shown} ${log}`, yaxis2: shown })
    /** @type {(width: number, height: number) => Layout} */
    const placed = (width, height) => {
      const { domains, named } = this.named(drawn.length > 1 ? found : null, fixed, width, height, log, theme)
      this.name(drawn.length > 1 ? runs : [], bands, named.length > 0)
      const [xaxis, xaxis2] = domains.map((domain) => ({ ...axis, domain }))
      return { ...fixed, xaxis, xaxis2, shapes, annotations: [...notes, ...named] }
    }
    this.chart.draw([...left, ...right], placed, theme, alt)
  }

  // Where the two plots lie, and the names at the ends of the curves: in both, in the second, or in none.
  /** @type {(found: { loss: End[], accuracy: End[] } | null, axes: { yaxis: Layout, yaxis2: Layout }, width: number, height: number, log: boolean, theme: Theme) => { domains: [Range, Range], named: Layout[] }} */
  named(found, { yaxis, yaxis2 }, width, height, log, theme) {
    const { l, r, t, b } = this.chart.base.margin
    const inner = width - (l + r) * theme.scale
    const high = height - (t + b) * theme.scale
    const between = BETWEEN * theme.scale
    const name = found ? widthOf([...new Set(found.loss.map((end) => end.name))], theme) : Infinity
    const fits = found && stack(found.loss.length, high, theme)
    const [once, twice] = [1, 2].map((count) => (inner - between - count * name) / 2)
    const count = !fits ? 0 : twice >= WIDE ? 2 : once >= NARROWEST ? 1 : 0
    if (!found || !count) return { domains: [this.chart.base.xaxis.domain, this.chart.base.xaxis2.domain], named: [] }
    const plot = count === 2 ? twice : once
    const scaled = found.loss.map((end) => ({ ...end, y: log ? Math.log10(end.y) : end.y }))
    const { zoom } = this.chart
    const left = labels(scaled, { xref: "x", yref: "y" }, /** @type {Range} */ (zoom.yaxis ?? yaxis.range), high, theme)
    const right = labels(
      found.accuracy,
      { xref: "x2", yref: "y2" },
      /** @type {Range} */ (zoom.yaxis2 ?? yaxis2.range),
      high,
      theme,
    )
    return {
      domains: [
        [0, plot / inner],
        [1 - (plot + name) / inner, 1 - name / inner],
      ],
      named: count === 2 ? [...left, ...right] : right,
    }
  }

  // Whose curve has which colour, where their names are not at its end, and what bands are.
  /** @param {Run[]} runs @param {Band[]} bands @param {boolean} named whether they are */
  name(runs, bands, named) {
    const words = [...new Set(bands.map(({ of }) => of))]
    const shown = named
      ? words.map((name) => ({ id: "", name, style: { color: "currentColor", dash: "" }, kind: "band" }))
      : [
          ...runs.map(({ store, brief, style }) => ({ id: store.id, name: brief, style, kind: style.dash })),
          ...bands.map(({ runs, name, of }) => ({
            id: ownersOf(runs),
            name: `${name}: ${of}`,
            style: runs[0].style,
            kind: "band",
          })),
        ]
    const wanted = shown.map(({ name, style }) => `${name} ${style.color} ${style.dash}`).join()
    if (this.keys.dataset.of === wanted) return
    this.keys.dataset.of = wanted
    // names that do not fit are left to the lines of state, which have them with their colours
    const fits = () => this.keys.closest(".dl-only") || this.place.caption.scrollWidth <= this.place.caption.clientWidth
    this.keys.replaceChildren(
      ...shown.map(({ id, name, style, kind }) =>
        el("span", {
          class: `dl-key dl-key-run dl-key-${kind}`,
          style: `--key: ${style.color}`,
          text: name,
          "data-run": id || null,
        }),
      ),
    )
    if (!fits()) for (const key of this.keys.querySelectorAll(":not(.dl-key-band)")) key.remove()
  }

  /** @param {Run[]} runs @param {View["lossAxis"]} axis @returns {Layout & { range: Range }} */
  lossAxis(runs, axis) {
    const top = Math.min(highest(runs, "loss"), bearable(runs))
    if (axis !== "log") return { range: this.ranges.loss.top(top) }
    const range = this.ranges.logarithm.decades(Math.log10(lowest(runs)), Math.log10(top), LEAST)
    return { type: "log", title: { text: "loss (log)" }, ...logAxis(range), range }
  }

  /** @param {Run[]} runs @returns {Layout & { range: Range }} */
  accuracyAxis(runs) {
    return { range: this.ranges.accuracy.top(100 * highest(runs, "accuracy"), 100) }
  }

  // Of differences: as far above and below 0 as nearly all of them lie.
  /** @type {(runs: Run[], name: Plot["name"], context: Context) => Layout & { range: Range }} */
  differAxis(runs, name, { against, unit, smooth }) {
    const lines = runs.map((run) => known(run, { name, unit, smooth, against }))
    const smoothed = lines.flatMap(({ smooth }) => [quantile(smooth, SHARE), quantile(smooth, 1 - SHARE)])
    const wild = WILD * Math.max(...finite(smoothed).map(Math.abs), LEAST_DIFFERENCE[name])
    const all = finite([...smoothed, ...lines.flatMap(({ tests }) => [...tests].filter((at) => Math.abs(at) < wild))])
    const most = [-Math.min(...all, 0), Math.max(...all, 0)]
    const least = Math.max(...most, LEAST_DIFFERENCE[name]) * BESIDE_ZERO
    const [below, above] = most.map((size, side) => this.differences[name][side].top(Math.max(size, least) * 1.05)[1])
    const brief = against?.run.brief ?? ""
    const whose = brief.length > LONGEST ? "baseline" : brief
    return { range: [-below, above], title: { text: `${name} − ${whose}${name === "loss" ? "" : " (pts)"}` } }
  }

  destroy() {
    this.chart.destroy()
  }
}

// The loss of a net that gives every class the same probability: what lies below it knows something.
/** @type {(runs: Run[], axis: View["lossAxis"], theme: Theme) => { shapes: Layout[], annotations: Layout[] }} */
function guesses(runs, axis, theme) {
  const classes = new Set(runs.map(({ store }) => store.started?.spec?.net?.num_classes).filter(Boolean))
  const losses = [...classes].map(Math.log)
  const line = { color: theme.line, width: 1 }
  return {
    shapes: losses.map((y) => ({
      type: "line",
      xref: "x domain",
      x0: 0,
      x1: 1,
      yref: "y",
      y0: y,
      y1: y,
      line,
      layer: "below",
    })),
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

// A loss that runs away leaves the picture at the top instead of flattening everything else, be it of the same run.
/** @param {Run[]} runs */
function bearable(runs) {
  const usual = finite(runs.map(({ store }) => quantile(store.points.loss, 0.5)))
  const calm = Math.min(...usual)
  return Math.max(8, ...usual.filter((loss) => loss < AWAY * calm).map((loss) => 1.3 * loss))
}
