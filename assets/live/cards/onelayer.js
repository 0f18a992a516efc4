// The distribution in one layer over time, with its mean and standard deviation.
import { say } from "../../shared/dom.js"
import { last } from "../../shared/numbers.js"
import { Steady } from "../../shared/scale.js"
import { leaders } from "../band.js"
import { density, joined, position, span, ticks } from "../bins.js"
import { panel } from "../card.js"
import { Chart } from "../chart.js"
import { dotted, fewer } from "../words.js"
import { columns, cursorsOf, fitting, ROOMY, stacked } from "./timemap.js"

/** @import { RunStore } from "../store.js" */
/** @import { Bins, Context, Env, Picked, Range, Trace, Unit, WithHistogram } from "../types.js" */

const DENSEST = 2 // share of the values per unit of the axis at which the colour is brightest
/** @param {number} share */
const shade = (share) => Math.sqrt(Math.min(share / DENSEST, 1))
const SHARES = [0, 0.1, 0.5, 1, 2]
const COLOURS = { tickvals: SHARES.map(shade), ticktext: ["0", "0.1", "0.5", "1", "≥ 2"] }
// how many standard deviations from the mean a line is, and its width
/** @type {[side: number, width: number][]} */
const LINES = [
  [0, 2.4],
  [1, 0.8],
  [-1, 0.8],
]

export class OneLayer {
  /** @param {Env} env @param {HTMLElement} body */
  constructor(env, body) {
    this.place = panel("dl-time")
    body.append(this.place.node)
    this.chart = new Chart(this.place.host, "one-layer", env.figures)
    this.chart.onClick = ({ x }) => env.setCursor(env.stepAt(x))
    this.time = new Steady()
  }

  // `runs` say which layer they mean: {store, style, picked}; `visible` keeps the range of the responses in view.
  /**
   * @param {Picked[]} runs
   * @param {Context} context
   * @param {(spans: Range[]) => Range} visible keeps the range of the responses in view
   * @param {string} alt
   */
  draw(runs, context, visible, alt) {
    const known = runs.filter(({ store }) => store.probeAt(null, "histogram"))
    const drawn = fitting(known, this.place.host, context.theme)
    const layers = [...new Set(drawn.map(({ store, picked }) => store.started.layers[picked]))]
    const more =
      fewer(drawn, leaders(context.runs, context.bands), context.runs) || dotted(drawn, context.moment) || "mean ± std"
    say(this.place.caption, layers.length > 1 ? layers.join(" and ") : `${layers[0]} over time · ${more}`)
    const versions = drawn.map(({ store, picked }) => `${picked} ${store.versions.probe} ${store.versions.metrics}`)
    if (this.chart.only([context.look, ...versions].join(), cursorsOf(drawn, context), alt)) return
    const bins = joined(runs[0].store.started.histogram_edges)
    const kept = drawn.map(
      ({ store }) => /** @type {WithHistogram[]} */ (store.probes.filter((probe) => probe.histogram)),
    )
    const spans = kept.map((probes, index) => histogramSpan(probes, drawn[index].picked, bins))
    const range = visible(spans)
    const single = drawn.length === 1
    const rows = () => ({
      ...this.chart.base.yaxis,
      range,
      ...(this.place.host.clientHeight < ROOMY * context.theme.scale * drawn.length
        ? { tickvals: [0], ticktext: ["0"] }
        : ticks(range, !single)),
      title: { text: single ? "response" : "" },
      zeroline: false,
    })
    const { patch, axes } = stacked(drawn, context, this.time, rows)
    patch.coloraxis = { cmin: 0, cmax: 1, colorbar: COLOURS }
    const traces = drawn.flatMap(({ store, picked }, index) => [
      { ...axes[index], meta: store.id, ...map(kept[index], picked, bins, store, context.unit) },
      ...moments(store, picked, context.unit).map((line) => ({ ...axes[index], meta: store.id, ...line })),
    ])
    this.chart.means({ xaxis: context.unit })
    this.chart.draw(traces, patch, context.theme, alt)
  }

  destroy() {
    this.chart.destroy()
  }
}

/** @type {(probes: WithHistogram[], layer: number, bins: Bins) => Range} */
const histogramSpan = (probes, layer, bins) =>
  span(
    probes.map((probe) => probe.histogram[layer]),
    bins,
  )

/** @type {(probes: WithHistogram[], layer: number, bins: Bins, store: RunStore, unit: Unit) => Trace} */
function map(probes, layer, bins, store, unit) {
  const shares = probes.map((probe) => density(probe.histogram[layer], bins))
  const rows = bins.groups.map((_, bin) => shares.map((column) => column[bin]))
  return {
    type: "heatmap",
    coloraxis: "coloraxis",
    x: columns(store, probes, unit),
    y: bins.bounds,
    z: rows.map((row) => row.map(shade)),
    customdata: rows,
    hovertemplate: "%{customdata:.2~g} of values per unit<extra></extra>",
  }
}

/** @type {(store: RunStore, layer: number, unit: Unit) => Trace[]} */
function moments(store, layer, unit) {
  const probes = store.probes.filter((probe) => probe.std)
  const x = columns(store, probes, unit)
  return LINES.map(([side, width]) => ({
    x,
    y: [...probes, last(probes)].map((probe) => position(probe.mean[layer] + side * probe.std[layer])),
    mode: "lines",
    hoverinfo: "skip",
    line: { color: "#ffffff", width, shape: "hv" },
  }))
}
