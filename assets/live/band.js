// Curves of several runs as one: their mean, and the least and the most of them.
import { evenly } from "./thin.js"

/** @import { RunStore } from "./store.js" */
/** @import { Band, Run } from "./types.js" */

const POINTS = 400

/** @typedef {{ x: number[], y: ArrayLike<number> }} Curve x ascending */

// As far as all of them go; between its points a curve is a straight line. NaN where one has no number.
/** @param {Curve[]} curves */
export function band(curves) {
  const end = Math.min(...curves.map(({ x }) => x.at(-1) ?? -Infinity))
  const begin = Math.max(...curves.map(({ x }) => x[0] ?? Infinity))
  const all = [...new Set(curves.flatMap(({ x }) => x))].filter((at) => at >= begin && at <= end)
  all.sort((first, second) => first - second)
  const x = evenly(all, POINTS).map((index) => all[index])
  const values = curves.map((curve) => at(curve, x))
  const across = x.map((_, index) => values.map((row) => row[index]))
  return {
    x,
    low: across.map((column) => Math.min(...column)),
    high: across.map((column) => Math.max(...column)),
    mean: across.map((column) => column.reduce((sum, value) => sum + value, 0) / column.length),
  }
}

/** @type {(curve: Curve, wanted: number[]) => number[]} */
function at({ x, y }, wanted) {
  let next = 0
  return wanted.map((place) => {
    while (x[next] < place) next++
    if (x[next] === place) return y[next]
    const share = (place - x[next - 1]) / (x[next] - x[next - 1])
    return y[next - 1] + share * (y[next] - y[next - 1])
  })
}

// Runs that are in no band.
/** @type {<One extends Run>(runs: One[], bands: Band[]) => One[]} */
export const alone = (runs, bands) => runs.filter(({ store }) => !bandOf(store, bands))

// One run of each band, and those in none: where there is a place for each, seeds would fill all of them.
/** @type {<One extends Run>(runs: One[], bands: Band[]) => One[]} */
export function leaders(runs, bands) {
  /** @type {Set<Band>} */
  const met = new Set()
  return runs.filter(({ store }) => {
    const band = bandOf(store, bands)
    const first = !band || !met.has(band)
    if (band) met.add(band)
    return first
  })
}

/** @param {RunStore} store @param {Band[]} bands */
const bandOf = (store, bands) => bands.find(({ runs }) => runs.some((run) => run.store === store))

// What a drawing is of, for those who point at it.
/** @param {Run[]} runs */
export const ownersOf = (runs) => runs.map(({ store }) => store.id).join(" ")
