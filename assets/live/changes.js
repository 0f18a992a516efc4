// What somebody changed by hand while a run went on, as marks on an axis of time.
import { short } from "../shared/format.js"
import { readable } from "../shared/theme.js"
import { sizeOf } from "./ends.js"
/** @import { Layout, Run, Theme, Unit } from "./types.js" */

/** @typedef {{ shapes: Layout[], annotations: Layout[] }} Marks */

// A line at each rate that was set, across the plots with these axes, with words in the first of them. What was asked of
// all runs of a race at once is one mark.
/** @type {(runs: Run[], unit: Unit, theme: Theme, axes: string[]) => Marks} */
export function changes(runs, unit, theme, axes) {
  /** @type {Map<string, { x: number, text: string, color: string }>} */
  const marks = new Map()
  for (const { store, style } of runs) {
    for (const { first, applied } of store.rates) {
      const x = store.at(Number(first), unit)
      const text = `rate ${short(Number(applied), 3)}`
      const known = marks.has(`${x} ${text}`)
      marks.set(`${x} ${text}`, { x, text, color: known || runs.length === 1 ? theme.text : style.color })
    }
  }
  const all = [...marks.values()]
  return {
    shapes: axes.flatMap((xref) => all.map(({ x, color }) => line(x, xref, color, theme))),
    annotations: all.map((mark) => note(mark, axes[0], theme)),
  }
}

/** @type {(x: number, xref: string, color: string, theme: Theme) => Layout} */
const line = (x, xref, color, theme) => ({
  type: "line",
  xref,
  x0: x,
  x1: x,
  yref: `${xref.replace("x", "y")} domain`,
  y0: 0,
  y1: 1,
  line: { color, width: 1.2 * theme.scale },
})

/** @type {(mark: { x: number, text: string, color: string }, xref: string, theme: Theme) => Layout} */
const note = ({ x, text, color }, xref, theme) => ({
  text,
  xref,
  x,
  xanchor: "left",
  yref: `${xref.replace("x", "y")} domain`,
  y: 0,
  yanchor: "bottom",
  showarrow: false,
  font: { size: sizeOf(theme) - 1, color: readable(color, theme) },
  bgcolor: theme.background,
  opacity: 0.9,
})
