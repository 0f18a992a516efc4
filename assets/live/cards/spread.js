// Mean and standard deviation, or the share of dead channels, of each layer at one step.
import { finite, layerTicks, log10, logAxis, Steady } from "../../shared/scale.js"
import { fade } from "../../shared/theme.js"
import { shelf } from "./shelf.js"
/** @import { RunStore } from "../store.js" */
/** @import { Numbers } from "../../shared/numbers.js" */
/** @import { Layout, Measured, Picked, Theme, Trace, View } from "../types.js" */

export class Spread {
  constructor() {
    this.std = new Steady()
    this.mean = new Steady()
  }

  // Traces and layout for runs [{store, style, probe}]; `base` is the chart's own layout.
  /**
   * @param {View["signals"]} mode
   * @param {Picked[]} runs
   * @param {number} picked
   * @param {number} layers
   * @param {Layout} base
   * @param {Theme} theme
   * @returns {{ traces: Trace[], patch: Layout }}
   */
  shown(mode, runs, picked, layers, base, theme) {
    const xaxis = { range: [0.4, layers + 0.6], tickvals: layerTicks(layers), anchor: mode === "dead" ? "y" : "y2" }
    const { traces, patch } = mode === "dead" ? dead(runs) : this.moments(runs, base, theme)
    return { traces, patch: { ...patch, xaxis, shapes: [...(patch.shapes ?? []), marker(picked, theme)] } }
  }

  /** @param {Picked[]} runs @param {Layout} base @param {Theme} theme @returns {{ traces: Trace[], patch: Layout }} */
  moments(runs, base, theme) {
    const exponents = runs.flatMap(({ probe }) => finite(log10(probe.std)))
    const decades = this.std.decades(Math.min(...exponents) - 0.05, Math.max(...exponents) + 0.05)
    const rows = { names: layersOf, unit: "layer", theme }
    const { range, traces: marks, shapes, annotations } = shelf(runs, "std", decades, rows)
    const most = Math.max(...runs.flatMap(({ probe }) => finite(probe.mean).map(Math.abs)), 1e-6)
    const [, mean] = this.mean.top(most * 1.1)
    const traces = runs.flatMap((run) => [
      line(run, run.probe.std, "std"),
      { ...line(run, run.probe.mean, "mean"), yaxis: "y2" },
    ])
    const patch = {
      shapes,
      annotations,
      yaxis: { title: { text: "std (log)" }, type: "log", domain: [0.54, 1], ...logAxis(decades), range },
      yaxis2: { ...base.yaxis, title: { text: "mean" }, domain: [0, 0.46], range: [-mean, mean], anchor: "x" },
    }
    return { traces: [...traces, ...marks], patch }
  }
}

/** @param {RunStore} store */
const layersOf = (store) => store.started?.layers ?? []

/** @param {Picked[]} runs @returns {{ traces: Trace[], patch: Layout }} */
function dead(runs) {
  /** @param {Measured} run */
  const shares = ({ probe }) => Array.from(probe.dead, (share) => 100 * share)
  return {
    traces: runs.map((run) => line(run, shares(run), "dead channels (%)")),
    patch: { yaxis: { title: { text: "dead channels (%)" }, range: [-2, 102] } },
  }
}

/** @type {(run: Picked, values: Numbers, what: string) => Trace} */
const line = ({ store, label, style }, values, what) => ({
  x: Array.from(values, (_, layer) => layer + 1),
  y: values,
  mode: "lines+markers",
  meta: store.id,
  marker: { size: 5, color: style.color },
  line: { color: style.color, width: 1.5, dash: style.dash },
  text: store.started.layers,
  hovertemplate: `${label} · %{text}<br>${what} %{y:.3~g}<extra></extra>`,
})

/** @type {(picked: number, theme: Theme) => Layout} */
const marker = (picked, theme) => ({
  type: "rect",
  xref: "x",
  yref: "paper",
  x0: picked + 0.6,
  x1: picked + 1.4,
  y0: 0,
  y1: 1,
  line: { width: 0 },
  fillcolor: fade(theme.text, 0.1),
})
