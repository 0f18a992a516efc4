// What stands where a picture has no number: which rows, and why, is judged by the server (core/findings/reach.py).
import vocabulary from "../vocabulary.js"

/** @import { RunStore } from "./store.js" */
/** @import { OfRows, Standing, Standings, Taken } from "./types.js" */

const SEVERAL = vocabulary.standings
export const STATES = /** @type {Standing["state"][]} */ (Object.keys(SEVERAL))

// For each row of a measurement null where it has a place in the picture, else {state, words}. Rows are layers, or blocks.
/** @type {(store: RunStore, probe: Taken, quantity: OfRows) => Standings} */
export function standings(store, probe, quantity) {
  /** @type {Standings} */
  const found = new Array(probe[quantity]?.length ?? 0).fill(null)
  const told = store.gaps[quantity]?.findLast(({ step }) => step <= probe.step)
  for (const { state, words, rows } of told?.gaps ?? []) for (const row of rows) found[row] = { state, words }
  return found
}

// What a picture's caption says of them: [{state, words, rows}], one a state, its rows numbered from 1.
/** @type {(found: Standings) => { state: Standing["state"], words: string, rows: number[] }[]} */
export function grouped(found) {
  return STATES.flatMap((state) => {
    const rows = [...found.keys()].filter((row) => found[row]?.state === state)
    const words = summed(
      state,
      rows.map((row) => found[row]?.words ?? ""),
    )
    return rows.length ? [{ state, words, rows: rows.map((row) => row + 1) }] : []
  })
}

// One sentence for what is said of several rows.
/** @param {Standing["state"]} state @param {string[]} words */
export function summed(state, words) {
  return new Set(words).size > 1 ? SEVERAL[state] : words[0]
}

// "layer 4", "layers 1–3, 7"
/** @param {number[]} rows @param {string} unit */
export function listed(rows, unit) {
  /** @type {[first: number, last: number][]} */
  const spans = []
  for (const row of rows) {
    const span = spans.at(-1)
    if (span?.[1] === row - 1) span[1] = row
    else spans.push([row, row])
  }
  const shown = spans.slice(0, 3).map(([first, last]) => (first === last ? first : `${first}–${last}`))
  return `${unit}${rows.length > 1 ? "s" : ""} ${shown.join(", ")}${spans.length > 3 ? " and others" : ""}`
}
