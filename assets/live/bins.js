// Responses are drawn on an axis of asinh(value): linear around 0, logarithmic beyond 1, the same in all pictures.
// The measured bins are finer around 0 than the eye: there they are joined, the same way for every layer and step.
import { largest, sum } from "../shared/numbers.js"

/** @import { Numbers } from "../shared/numbers.js" */
/** @import { Bins, Range } from "./types.js" */

const LABELS = [-1e4, -1000, -100, -10, -1, 0, 1, 10, 100, 1000, 1e4]
const FINER = [-10, -3, -1, 0, 1, 3, 10] // where few of them fit
const FINEST = 0.16 // width of a joined bin, in units of the axis
const OUTER = 0.5 // width at which under- and overflow are drawn

export const position = Math.asinh

/** @type {Map<string, Bins>} */
const known = new Map()

// How to join bins (E + 1 counts, for E edges): first and last count of each joined bin, its borders and its middle.
/** @param {ArrayLike<number>} edges */
export function joined(edges) {
  const key = `${edges.length} ${edges[0]}`
  const bins = known.get(key) ?? join(edges)
  known.set(key, bins)
  return bins
}

/** @type {(edges: ArrayLike<number>) => Bins} */
function join(edges) {
  const count = edges.length + 1
  const borders = [
    position(edges[0]) - OUTER,
    ...Array.from(edges, position),
    position(edges[edges.length - 1]) + OUTER,
  ]
  const middle = count >> 1
  /** @type {Bins["groups"]} */
  const upper = []
  for (let first = middle + 1; first < count; ) {
    let last = first
    while (last < count - 2 && borders[last + 1] - borders[first] < FINEST) last++
    upper.push([first, last])
    first = last + 1
  }
  // the bins beside the middle join it, so that 0 is in the middle of one bin; the lower half mirrors the upper
  const centre = upper.shift() ?? [middle, middle]
  /** @type {(group: Bins["groups"][number]) => Bins["groups"][number]} */
  const mirrored = ([first, last]) => [count - 1 - last, count - 1 - first]
  const lower = upper.map(mirrored).reverse()
  /** @type {Bins["groups"]} */
  const groups = [...lower, [count - 1 - centre[1], centre[1]], ...upper]
  const bounds = [...groups.map(([first]) => borders[first]), borders[count]]
  return { groups, bounds, middles: groups.map((_, index) => (bounds[index] + bounds[index + 1]) / 2) }
}

// Share of the values per unit of the axis, for each joined bin.
/** @type {(histogram: Numbers, bins: Bins) => number[]} */
export function density(histogram, bins) {
  const total = sum(histogram) || 1
  return bins.groups.map(([first, last], index) => {
    let count = 0
    for (let bin = first; bin <= last; bin++) count += histogram[bin]
    return count / total / (bins.bounds[index + 1] - bins.bounds[index])
  })
}

/** @param {Range} range @param {boolean} few */
export function ticks([low, high], few) {
  /** @param {number[]} values */
  const inside = (values) => values.filter((value) => position(value) > low && position(value) < high)
  const main = inside(LABELS)
  const shown =
    main.length < 5
      ? inside(FINER)
      : few && main.length > 5
        ? main.filter((value) => ![1, 100].includes(Math.abs(value)))
        : main
  return {
    tickvals: shown.map(position),
    ticktext: shown.map((value) =>
      Math.abs(value) === 1e4 ? (value < 0 ? "−10⁴" : "10⁴") : String(value).replace("-", "−"),
    ),
    tickangle: 0,
  }
}

// The part of the axis that holds all but a trace of the values of these histograms.
/** @type {(histograms: Numbers[], bins: Bins) => Range} */
export function span(histograms, bins) {
  let low = bins.groups.length - 1
  let high = 0
  for (const histogram of histograms) {
    const shares = density(histogram, bins)
    const least = 0.01 * largest(shares)
    low = Math.min(
      low,
      shares.findIndex((share) => share > least),
    )
    high = Math.max(
      high,
      shares.findLastIndex((share) => share > least),
    )
  }
  return [bins.bounds[Math.max(low, 0)], bins.bounds[high + 1]]
}
