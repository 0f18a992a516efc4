// DenseNet's channel ledger: how wide each layer's input is, by source, and on which sources its weights lie.
import { say } from "../../shared/dom.js"
import { whole } from "../../shared/format.js"
import { sum } from "../../shared/numbers.js"
import { roundUp } from "../../shared/scale.js"
import { sourceColours } from "../../shared/theme.js"
import { panel } from "../card.js"
import { Chart } from "../chart.js"
/** @import { Begun, Context, Env, LedgerRow, Run, Taken, Theme } from "../types.js" */

export class Ledger {
  /** @param {Env} env @param {HTMLElement} body */
  constructor(env, body) {
    this.env = env
    this.widths = panel("dl-now")
    this.shares = panel("dl-time")
    body.append(this.widths.node, this.shares.node)
    this.bars = new Chart(this.widths.host, "ledger", env.figures)
    this.map = new Chart(this.shares.host, "shares", env.figures)
  }

  // `probe`: the measurement that is shown, if there is one.
  /** @param {Run} run @param {Taken | undefined} probe @param {Context} context @param {string} alt */
  draw({ store }, probe, { moment, theme }, alt) {
    const rows = store.started?.ledger ?? []
    this.drawWidths(rows, theme, alt)
    if (probe) this.drawShares(rows, probe, theme, alt)
    const now = moment.step === null && !moment.held && store.live
    const time = probe ? `${now ? "now, " : ""}step ${whole(probe.step)}` : "not measured yet"
    say(this.widths.caption, "channels each layer reads, by source")
    say(this.shares.caption, `where its weights lie · ${time}`)
  }

  /** @param {LedgerRow[]} rows @param {Theme} theme @param {string} alt */
  drawWidths(rows, theme, alt) {
    const most = Math.max(...rows.map((row) => row.sources.length))
    const colours = sourceColours(most, this.env.figures.palette, theme)
    const traces = Array.from({ length: most }, (_, source) => ({
      type: "bar",
      x: rows.map((_, row) => row + 1),
      y: rows.map((row) => row.sources[source]?.channels ?? null),
      customdata: rows.map((row) => [row.name, row.sources[source]?.name ?? ""]),
      marker: { color: colours[source], line: { width: 0 } },
      hovertemplate: "%{customdata[0]} reads %{y} channels<br>of %{customdata[1]}<extra></extra>",
    }))
    const widest = Math.max(...rows.map((row) => sum(row.sources.map(({ channels }) => channels))))
    const patch = {
      xaxis: { range: [0.4, rows.length + 0.6], ...blockTicks(rows) },
      yaxis: { range: [0, roundUp(widest)] },
    }
    this.bars.draw(traces, patch, theme, alt)
  }

  /** @param {LedgerRow[]} rows @param {Taken} probe @param {Theme} theme @param {string} alt */
  drawShares(rows, probe, theme, alt) {
    const share = probe.weight_share
    const width = share[0].length
    const traces = [
      {
        type: "heatmap",
        coloraxis: "coloraxis",
        hoverongaps: false,
        x: Array.from({ length: width }, (_, source) => source),
        y: rows.map((_, row) => row + 1),
        z: share.map((row) => row.map((value) => 100 * value)),
        customdata: rows.map((row) =>
          Array.from({ length: width }, (_, source) => [row.name, row.sources[source]?.name ?? ""]),
        ),
        hovertemplate: "%{customdata[0]}<br>%{z:.1f} % of its weight on %{customdata[1]}<extra></extra>",
      },
    ]
    const patch = {
      xaxis: { range: [-0.5, width - 0.5] },
      yaxis: { range: [rows.length + 0.5, 0.5], ...blockTicks(rows) },
      coloraxis: {
        cmin: 0,
        cmax: 50,
        colorbar: { tickvals: [0, 10, 20, 30, 40, 50], ticktext: ["0", "10", "20", "30", "40", "≥ 50"] },
      },
    }
    this.map.draw(traces, patch, theme, alt)
  }

  destroy() {
    this.bars.destroy()
    this.map.destroy()
  }
}

// One tick at the first layer of each dense block.
/** @param {LedgerRow[]} rows */
function blockTicks(rows) {
  const blocks = rows.map((row) => row.name.split(".")[0])
  const starts = blocks.flatMap((block, row) => (block.startsWith("block") && block !== blocks[row - 1] ? [row] : []))
  return {
    tickvals: starts.map((row) => row + 1),
    ticktext: starts.map((row) => blocks[row].replace("block", "block ")),
    tickangle: 0,
  }
}
