// Fewer points that look the same; core/record/thin.py does this for the past, this for a page that stays open.
import { last } from "../shared/numbers.js"

// Indices, at most `points`, that keep every trace's minimum and maximum in each of equal buckets, and the ends.
// What is not finite counts as neither.
/** @type {(traces: ArrayLike<number>[], points: number) => number[]} */
export function extremes(traces, points) {
  const count = traces[0].length
  const buckets = Math.floor((points - 2) / (2 * traces.length))
  const chosen = new Set([0, count - 1])
  for (const trace of traces) {
    for (let bucket = 0; bucket < buckets; bucket++) {
      const start = Math.floor((bucket * count) / buckets)
      const end = Math.floor(((bucket + 1) * count) / buckets)
      let low = start
      let high = start
      for (let index = start + 1; index < end; index++) {
        if (or(trace[index], Infinity) < or(trace[low], Infinity)) low = index
        if (or(trace[index], -Infinity) > or(trace[high], -Infinity)) high = index
      }
      chosen.add(low).add(high)
    }
  }
  return [...chosen].sort((first, second) => first - second)
}

/** @type {(value: number, otherwise: number) => number} */
const or = (value, otherwise) => (Number.isFinite(value) ? value : otherwise)

// Indices of at most `count` ascending steps, spread evenly by step, with the first and the last.
/** @type {(steps: number[], count: number) => number[]} */
export function evenly(steps, count) {
  if (steps.length <= count) return steps.map((_, index) => index)
  const chosen = new Set([0, steps.length - 1])
  let index = 0
  for (let slot = 1; slot < count - 1; slot++) {
    const wanted = steps[0] + ((last(steps) - steps[0]) * slot) / (count - 1)
    while (index + 1 < steps.length && Math.abs(steps[index + 1] - wanted) <= Math.abs(steps[index] - wanted)) index++
    chosen.add(index)
  }
  return [...chosen].sort((first, second) => first - second)
}
