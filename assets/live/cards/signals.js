// Do the signals stay in range? All layers now, and one layer over time.
import { density, joined, largest, position, span, sum, ticks } from "../bins.js"
import { Card, panel } from "../card.js"
import { Chart, cursorLine, runStrip } from "../chart.js"
import { say, segmented } from "../dom.js"
import { short, whole } from "../format.js"
import { finite, layerTicks, log10, logAxis, Steady, timeRange } from "../scale.js"
import { fade } from "../theme.js"
import { pairs, when } from "../words.js"
import { UNITS } from "./learn.js"
import { ridge } from "./ridge.js"

const LEAST_SPAN = 1.8 // either side of 0 on the response axis: a vanished signal shall look narrow
const GAP = 0.07

export class SignalsCard {
  constructor(env) {
    this.env = env
    this.mode = "shape"
    const options = [
      ["shape", "shape", "The distribution of each layer's responses"],
      ["spread", "mean, std", "Mean and standard deviation of each layer's responses"],
      ["dead", "dead", "Share of dead channels of each layer"],
    ]
    const choice = segmented("What to show of each layer", options, this.mode, (value) => this.choose(value))
    this.card = new Card("signals", env.figures.views.signals, [choice], () => env.enlarge(this))
    this.card.body.classList.add("dl-two")
    this.all = panel("dl-now")
    this.one = panel("dl-time")
    this.spread = document.createElement("div")
    this.spread.className = "dl-host"
    this.all.node.append(this.spread)
    this.card.body.append(this.all.node, this.one.node)
    this.ridge = new Chart(this.all.host, "ridge", env.figures)
    this.lines = new Chart(this.spread, "statistics", env.figures)
    this.layer = new Chart(this.one.host, "one-layer", env.figures)
    this.ridge.onClick = ({ y, axis }) => env.setPicked(Math.round(y) - 1, this.layers[axis === "y2" ? 1 : 0])
    this.lines.onClick = ({ x }) => env.setPicked(Math.round(x) - 1, Math.max(...this.layers))
    this.layer.onClick = ({ x }) => env.setCursor(env.stepAt(x))
    this.resetRanges()
    this.arrange()
  }

  resetRanges() {
    this.ranges = { std: new Steady(), mean: new Steady(), time: new Steady() }
    this.spans = {}
  }

  choose(mode) {
    this.mode = mode
    this.arrange()
    this.env.redraw(this)
  }

  arrange() {
    this.all.host.classList.toggle("dl-away", this.mode !== "shape")
    this.spread.classList.toggle("dl-away", this.mode === "shape")
  }

  signature({ runs }) {
    return runs.map(({ store }) => store.versions.probe).join()
  }

  draw(context) {
    const { cursor, theme } = context
    const quantity = this.mode === "shape" ? "histogram" : "std"
    const runs = context.runs
      .map((run) => ({ ...run, probe: run.store.probeAt(cursor, quantity) }))
      .filter(({ probe, store }) => probe && store.started)
    this.card.setEmpty(runs.length ? "" : "The first measurement will be drawn here; it comes with the first steps.")
    if (!runs.length) return this.card.setFinding("Waiting for the first measurement")
    this.card.setFinding(finding(runs))
    this.layers = runs.map(({ probe }) => probe[quantity].length)
    // one picked depth for all: in a net of other depth, the layer at the same share of the way
    runs.forEach((run, index) => (run.picked = Math.round(context.picked * (this.layers[index] - 1))))
    const steps = [...new Set(runs.map(({ probe }) => whole(probe.step)))].join(" and ")
    say(this.all.caption, `${when(cursor, runs)}step ${steps} · click a layer`)
    if (this.mode === "shape") {
      const { traces, patch } = ridge(runs, theme, { span: (spans) => this.span("ridge", spans) })
      this.ridge.draw(traces, patch, theme, this.card.alt())
    } else this.drawLines(runs, theme)
    this.drawLayer(runs, context)
  }

  // The visible part of the response axis: grows with the data, never shrinks by itself.
  span(name, spans) {
    const low = Math.min(...spans.map(([start]) => start), this.spans[name]?.[0] ?? -LEAST_SPAN)
    const high = Math.max(...spans.map(([, end]) => end), this.spans[name]?.[1] ?? LEAST_SPAN)
    this.spans[name] = [low, high]
    return [low, high]
  }

  drawLines(runs, theme) {
    const layers = Math.max(...this.layers)
    const { picked } = runs[this.layers.indexOf(layers)]
    const axis = { range: [0.4, layers + 0.6], tickvals: layerTicks(layers) }
    const line = ({ style }, values, more) => ({
      x: Array.from(values, (_, layer) => layer + 1), y: values, mode: "lines+markers", marker: { size: 5, color: style.color },
      line: { color: style.color, width: 1.5, dash: style.dash }, ...more,
    })
    const named = (run, what) => ({ text: run.store.started.layers, hovertemplate: `${run.store.summary.name} · %{text}<br>${what} %{y:.3~g}<extra></extra>` })
    const shapes = [{ type: "rect", xref: "x", yref: "paper", x0: picked + 0.6, x1: picked + 1.4, y0: 0, y1: 1, line: { width: 0 }, fillcolor: fade(theme.text, 0.1) }]
    if (this.mode === "dead") {
      const traces = runs.map((run) => line(run, Array.from(run.probe.dead, (share) => 100 * share), named(run, "dead channels (%)")))
      const patch = { xaxis: { ...axis, anchor: "y" }, yaxis: { title: { text: "dead channels (%)" }, range: [-2, 102], domain: [0, 1] }, shapes }
      return this.lines.draw(traces, patch, theme, this.card.alt())
    }
    const spread = runs.flatMap(({ probe }) => finite(log10(probe.std)))
    const most = Math.max(...runs.flatMap(({ probe }) => finite(probe.mean).map(Math.abs)), 1e-6)
    const [, mean] = this.ranges.mean.top(most * 1.1)
    const patch = {
      xaxis: { ...axis, anchor: "y2" },
      yaxis: { title: { text: "std" }, type: "log", domain: [0.54, 1], ...logAxis(this.ranges.std.decades(Math.min(...spread) - 0.05, Math.max(...spread) + 0.05)) },
      yaxis2: { ...this.lines.base.yaxis, title: { text: "mean" }, domain: [0, 0.46], range: [-mean, mean], anchor: "x" },
      shapes,
    }
    const traces = runs.flatMap((run) => [line(run, run.probe.std, named(run, "std")), line(run, run.probe.mean, { ...named(run, "mean"), yaxis: "y2" })])
    this.lines.draw(traces, patch, theme, this.card.alt())
  }

  drawLayer(runs, context) {
    const { theme, unit, cursorX } = context
    const drawn = runs.filter(({ store }) => store.probeAt(null, "histogram"))
    const bins = joined(runs[0].store.started.histogram_edges)
    const newest = Math.max(...drawn.map(({ store }) => store.at(store.lastStep, unit)))
    const range = timeRange(this.ranges.time, newest, context.endOf(unit))
    const height = (1 - GAP * (drawn.length - 1)) / drawn.length
    const patch = { shapes: [], coloraxis: { cmin: 0, cmax: 1, colorbar: COLOURS } }
    const traces = []
    const kept = drawn.map(({ store }) => store.probes.filter((probe) => probe.histogram))
    const visible = this.span(`layer ${context.picked}`, kept.map((probes, index) => span(probes.map((probe) => probe.histogram[drawn[index].picked]), bins)))
    drawn.forEach(({ store, style, picked }, index) => {
      const name = index ? String(index + 1) : ""
      const top = 1 - index * (height + GAP)
      const last = index === drawn.length - 1
      const axes = { xaxis: `x${name}`, yaxis: `y${name}` }
      patch[`yaxis${name}`] = { ...this.layer.base.yaxis, domain: [top - height, top], range: visible, ...ticks(visible, drawn.length > 1), title: { text: drawn.length > 1 ? "" : "response" }, zeroline: false }
      patch[`xaxis${name}`] = { range, anchor: axes.yaxis, showticklabels: last, title: { text: last ? UNITS[unit] : "" }, ...(index ? { matches: "x" } : {}) }
      if (cursorX !== null) patch.shapes.push({ ...cursorLine(cursorX, axes.xaxis, theme), y0: top - height, y1: top })
      if (drawn.length > 1) patch.shapes.push(runStrip(style, top - height, top))
      traces.push({ ...axes, ...table(kept[index], picked, bins, store, unit), type: "heatmap", coloraxis: "coloraxis", hovertemplate: "%{customdata:.2~g} of values per unit<extra></extra>" })
      traces.push(...moments(store, picked, unit, axes))
    })
    const layers = [...new Set(drawn.map(({ store, picked }) => store.started.layers[picked]))].join(" and ")
    say(this.one.caption, `${layers} over time · mean ± std`)
    this.layer.draw(traces, patch, theme, this.card.alt())
  }

  destroy() {
    for (const chart of [this.ridge, this.lines, this.layer]) chart.destroy()
  }
}

const DENSEST = 2 // share of the values per unit of the axis at which the colour is brightest
const shade = (share) => Math.sqrt(Math.min(share / DENSEST, 1))
const SHARES = [0, 0.1, 0.5, 1, 2]
const COLOURS = { tickvals: SHARES.map(shade), ticktext: ["0", "0.1", "0.5", "1", "≥ 2"] }

function table(probes, layer, bins, store, unit) {
  const columns = probes.map((probe) => density(probe.histogram[layer], bins))
  const rows = bins.groups.map((_, bin) => columns.map((column) => column[bin]))
  return {
    x: probes.map((probe) => store.at(probe.step, unit)),
    y: bins.bounds,
    z: rows.map((row) => row.map(shade)),
    customdata: rows,
  }
}

function moments(store, layer, unit, axes) {
  const probes = store.probes.filter((probe) => probe.std)
  const x = probes.map((probe) => store.at(probe.step, unit))
  return [[0, 2, "solid"], [1, 1.2, "dot"], [-1, 1.2, "dot"]].map(([side, width, dash]) => ({
    ...axes, x, y: probes.map((probe) => position(probe.mean[layer] + side * probe.std[layer])),
    mode: "lines", hoverinfo: "skip", line: { color: "#ffffff", width, dash },
  }))
}

function finding(runs) {
  if (runs.length > 1) {
    return `Std, last ÷ first layer: ${pairs(runs, runs.map((run) => short(drift(run))))}`
  }
  const { probe } = runs[0]
  const dead = probe.dead ? [...probe.dead].filter((share) => share > 0.5).length : 0
  if (dead) return `${dead} of ${probe.dead.length} layers ${dead === 1 ? "has" : "have"} over half their channels dead`
  const stds = finite(probe.std).slice(0, -1)
  const beyond = largest(probe.histogram?.map((row) => (row[0] + row.at(-1)) / (sum(row) || 1)) ?? [0])
  const tail = beyond > 0.01 ? `; up to ${short(100 * beyond)} % out of range` : ""
  return `Std of the responses: ${short(Math.min(...stds))} to ${short(Math.max(...stds))} over ${probe.std.length} layers${tail}`
}

// The classifier has another scale: compared are the first layer and the last convolution.
const drift = ({ probe }) => probe.std[Math.max(probe.std.length - 2, 0)] / probe.std[0]
