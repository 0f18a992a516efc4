// The differences of a run's curves to those of the baseline, where both have a value after equally much training.

/** @import { RunStore } from "./store.js" */
/** @import { Run } from "./types.js" */

/**
 * The run that others are read against, and how equal positions are counted (core/findings/clock.py).
 * @typedef {object} Against
 * @property {Run} run
 * @property {"steps" | "pictures"} unit
 * @property {boolean} sameData
 */
/** @typedef {{ at: ArrayLike<number>, values: ArrayLike<number> }} Line positions ascending */
/** @typedef {"exactly" | "between"} Known whether it has values at its points alone, or between two of them as well */

/** @type {(store: RunStore, steps: number[], against: Pick<Against, "unit">) => number[]} */
export const positions = (store, steps, { unit }) =>
  unit === "steps" ? steps : steps.map((step) => store.picturesAt(step))

// Where tests are set beside each other: after the same epoch, or on other data after equally many pictures.
/** @type {(store: RunStore, against: Pick<Against, "sameData">) => number[]} */
export const tested = (store, { sameData }) =>
  store.evaluations.map(({ epoch, step }) => (sameData ? epoch : store.picturesAt(step)))

// Of each point of a line, how far it lies above the other; NaN where one of the two has no value.
/** @type {(line: Line, other: Line, known: Known) => Float32Array} */
export function less({ at, values }, other, known) {
  let next = 0
  return Float32Array.from(at, (place, index) => {
    while (other.at[next] < place) next++
    if (other.at[next] === place) return values[index] - other.values[next]
    if (known === "exactly" || !next || next >= other.at.length) return NaN
    const share = (place - other.at[next - 1]) / (other.at[next] - other.at[next - 1])
    return values[index] - (other.values[next - 1] + share * (other.values[next] - other.values[next - 1]))
  })
}

// "at equal steps"
/** @param {Against} against */
export const equally = ({ unit }) => (unit === "steps" ? "at equal steps" : "at equal pictures seen")
