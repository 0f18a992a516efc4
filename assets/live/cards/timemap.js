// Heatmaps against time, one a run, on one time axis: run below run, each with a strip of its colour.
import { last } from "../../shared/numbers.js"
import { timeRange } from "../../shared/scale.js"
import { changes } from "../changes.js"
import { runStrip } from "../chart.js"
import { sizeOf } from "../film.js"
/** @import { Steady } from "../../shared/scale.js" */
/** @import { RunStore } from "../store.js" */
/** @import { Axes, Context, Layout, Run, Taken, Theme, Unit } from "../types.js" */

export const ROOMY = 88 // px of a map's panel, below which its axis has room for one number
export const UNITS = { step: "step", epoch: "epoch", seconds: "training time (s)", macs: "training compute (MACs)" }
const GAP = 0.07 // between two maps, as a share of the height
const GAPS = 0.25 // of all of them
const LEAST = 22 // px of a map that can still be read
const NAMED = 2 // maps, up to which marks in them have words
const AROUND = 44 // px above and below the maps

// As many runs as have room for a map each.
/** @type {<One extends Run>(runs: One[], host: HTMLElement, theme: Theme) => One[]} */
export const fitting = (runs, host, { scale }) =>
  runs.slice(0, Math.max(Math.floor((sizeOf(host).height / scale - AROUND) / LEAST), 1))

// The part of a layout that holds the axes, and their names for the traces of each run.
// `rows(index)` completes the vertical axis of a run.
/** @param {Run[]} runs @param {Context} context @param {Steady} steady @param {(index: number) => Layout} rows */
export function stacked(runs, { unit, endOf, theme }, steady, rows) {
  const count = runs.length
  const gap = Math.min(GAP, GAPS / Math.max(count - 1, 1))
  const height = (1 - gap * (count - 1)) / count
  const newest = Math.max(...runs.map(({ store }) => store.at(store.lastStep, unit)))
  const range = timeRange(steady, newest, endOf(unit))
  /** @type {Layout} */
  const patch = { shapes: [], annotations: [] }
  const axes = runs.map((run, index) => {
    const name = index ? String(index + 1) : ""
    const top = 1 - index * (height + gap)
    const lowest = index === count - 1
    patch[`yaxis${name}`] = { domain: [top - height, top], anchor: `x${name}`, ...rows(index) }
    patch[`xaxis${name}`] = {
      range,
      anchor: `y${name}`,
      title: { text: lowest ? UNITS[unit] : "" },
      exponentformat: "SI",
      showticklabels: lowest,
    }
    if (index) patch[`xaxis${name}`].matches = "x"
    if (count > 1) patch.shapes.push(runStrip(run, top - height, top))
    const changed = changes([run], unit, theme, [`x${name}`])
    patch.shapes.push(...changed.shapes)
    if (count <= NAMED) patch.annotations.push(...changed.annotations)
    return { xaxis: `x${name}`, yaxis: `y${name}` }
  })
  return { patch, axes }
}

// Where each run stands on the time axis of its map, while a moment is chosen.
/** @param {Run[]} runs @param {Context} context @returns {Record<string, number>} */
export function cursorsOf(runs, { cursorOf }) {
  const places = runs.map(({ store }, index) => /** @type {const} */ ([`x${index ? index + 1 : ""}`, cursorOf(store)]))
  return Object.fromEntries(places.flatMap(([axis, place]) => (place === null ? [] : [[axis, place]])))
}

// Edges of the columns: a measurement stands until the next one, the last one until now.
/** @param {RunStore} store @param {Taken[]} probes @param {Unit} unit */
export function columns(store, probes, unit) {
  const newest = last(probes).step
  const steps = [...probes.map((probe) => probe.step), Math.max(store.lastStep, newest + 1)]
  return steps.map((step) => store.at(step, unit))
}
