// Does it learn? Loss and accuracy, each minibatch and smoothed, and the test set after each epoch.
import { Card, panel } from "../card.js"
import { Chart, cursorLine } from "../chart.js"
import { el, segmented } from "../dom.js"
import { percent, short, whole } from "../format.js"
import { finite, quantile, Steady, timeRange } from "../scale.js"
import { fade } from "../theme.js"
import { pairs } from "../words.js"
import { UNITS } from "./timemap.js"

export class LearnCard {
  constructor(env) {
    this.env = env
    const units = [
      ["step", "step", "Time in optimiser steps"],
      ["epoch", "epoch", "Time in passes over the training pictures"],
      ["seconds", "seconds", "Time in seconds of training, without evaluation and pauses"],
    ]
    this.unit = segmented("Time axis of all views", units, env.unit, env.setUnit)
    this.card = new Card("learns", env.figures.views.learns, [this.unit], () => env.enlarge(this))
    const place = panel()
    place.caption.append(
      el("span", { class: "dl-key dl-key-faint", text: "minibatch" }),
      el("span", { class: "dl-key dl-key-line", text: "smoothed" }),
      el("span", { class: "dl-key dl-key-dot", text: "test set" }),
    )
    this.card.body.append(place.node)
    this.chart = new Chart(place.host, "learns", env.figures)
    this.chart.onClick = ({ x }) => env.setCursor(env.stepAt(x))
    this.ranges = { loss: new Steady(), accuracy: new Steady(), time: new Steady() }
  }

  signature({ runs }) {
    return runs.map(({ store }) => [store.versions.metrics, store.versions.evaluation]).join()
  }

  draw(context) {
    const { runs, unit, theme, cursorX } = context
    const drawn = runs.filter(({ store }) => store.points.steps.length)
    this.card.setEmpty(drawn.length ? "" : "The first steps will be drawn here as soon as they are taken.")
    this.card.setFinding(finding(drawn))
    const loss = []
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
    const axis = { range, title: { text: UNITS[unit] } }
    const cursor = cursorX === null ? [] : [cursorLine(cursorX, "x", theme), cursorLine(cursorX, "x2", theme)]
    const patch = {
      xaxis: axis,
      xaxis2: axis,
      yaxis: { range: this.ranges.loss.top(Math.min(highest(drawn, "loss"), bearable(drawn))) },
      yaxis2: { range: this.ranges.accuracy.top(100 * highest(drawn, "accuracy"), 100) },
      shapes: cursor,
    }
    this.chart.draw([...loss, ...accuracy], patch, theme, this.card.alt())
  }

  destroy() {
    this.chart.destroy()
  }
}

function traces({ store, style }, unit, name, tested, factor, theme) {
  const times = store.points.steps.map((step) => store.at(step, unit))
  const scaled = (values) => Float32Array.from(values, (value) => factor * value)
  const label = `${store.summary.name} · ${unit} %{x:.4~g}<br>`
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
      mode: "lines",
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
function highest(runs, name) {
  const tops = runs.flatMap(({ store }) => [
    quantile(store.points[name], 0.98),
    quantile(store.points[`smooth_${name}`], 0.99),
    ...store.evaluations.map((event) => event[`test_${name}`]),
  ])
  return 1.05 * Math.max(...finite(tops), 0)
}

// A loss that runs away leaves the picture at the top instead of flattening everything else.
const bearable = (runs) => Math.max(8, ...runs.map(({ store }) => 1.3 * (quantile(store.points.loss, 0.5) || 0)))

function finding(runs) {
  if (!runs.length) return "Waiting for the first step"
  if (runs.length > 1) return compared(runs)
  const { store } = runs[0]
  const last = store.evaluations.at(-1)
  const now = store.points.smooth_loss.at(-1)
  if (!last) return `Training loss ${short(now, 3)} at step ${whole(store.lastStep)}, ${trend(store)}`
  const said = `Test accuracy ${percent(last.test_accuracy)} after epoch ${last.epoch}`
  return store.live ? `${said}; loss ${trend(store)}` : said
}

function compared(runs) {
  const common = Math.min(...runs.map(({ store }) => store.evaluations.at(-1)?.epoch ?? 0))
  if (!common) {
    return `Training loss: ${pairs(
      runs,
      runs.map(({ store }) => short(store.points.smooth_loss.at(-1), 3)),
    )}`
  }
  const reached = runs.map(({ store }) =>
    percent(store.evaluations.find((event) => event.epoch === common)?.test_accuracy),
  )
  return `Test at epoch ${common}: ${pairs(runs, reached)}`
}

// Smoothed loss now against a fifth of the run ago.
function trend(store) {
  const line = store.points.smooth_loss
  const now = line.at(-1)
  const then = line[Math.floor(line.length * 0.8)]
  if (line.length < 10 || !Number.isFinite(now) || !Number.isFinite(then)) return "just begun"
  if (now < then * 0.985) return "still falling"
  return now > then * 1.03 ? "rising" : "level"
}
