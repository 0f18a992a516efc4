// What stands where a picture has no number: why a layer's gradient, ratio or spread is none, or reads 0 on a logarithmic axis.
//
// none:    0, because nothing passes; where it was measured, with the layer that answers 0
// below:   not 0 in truth, but the run's numbers cannot hold anything as small
// unknown: no number
import vocabulary from "../vocabulary.js"

/** @import { Order } from "../vocabulary.js" */
/** @import { RunStore } from "./store.js" */
/** @import { OfRows, Standing, Standings, Taken } from "./types.js" */

/** @typedef {{ store: RunStore, probe: Taken, silences: string[], silent: number[] }} Seen of one measurement */

const VANISHING = 1e-25 // a norm below this goes out of reach within a few layers; a larger one is not lost in one
/** @type {Standing["state"][]} */
export const STATES = ["none", "below", "unknown"]
const SEVERAL = {
  none: "none: a layer answers 0",
  below: "below the numbers' reach",
  unknown: "no number",
}
/** @type {WeakMap<Taken, Partial<Record<OfRows, Standings>>>} */
const known = new WeakMap() // by measurement

// For each row of a measurement null where it has a place in the picture, else {state, words}. Rows are layers, or blocks.
/** @type {(store: RunStore, probe: Taken, quantity: OfRows) => Standings} */
export function standings(store, probe, quantity) {
  const judged = known.get(probe) ?? {}
  known.set(probe, judged)
  return (judged[quantity] ??= judge(store, probe, quantity))
}

/** @type {(store: RunStore, probe: Taken, quantity: OfRows) => Standings} */
function judge(store, probe, quantity) {
  const values = Array.from(probe[quantity] ?? [])
  if (!vocabulary.quantities[quantity].log) return values.map((value) => ofLinear(quantity, value))
  const silences = values.map((_, layer) => silence(store, probe, layer))
  const silent = [...silences.keys()].filter((layer) => silences[layer])
  /** @param {number} row */
  const zero = (row) => ofZero({ store, probe, silences, silent }, quantity, row)
  return values.map((value, row) => {
    if (value === 0) return zero(row)
    return value > 0 && Number.isFinite(value) ? null : { state: "unknown", words: notANumber(quantity, value) }
  })
}

/** @type {(quantity: OfRows, value: number) => Standing | null} */
const ofLinear = (quantity, value) =>
  Number.isFinite(value) ? null : { state: "unknown", words: notANumber(quantity, value) }

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

/** @param {RunStore} store */
const precisionOf = (store) => (store.started?.precision === "bf16" ? "bfloat16" : "float32")

/** @type {(seen: Seen, quantity: OfRows, row: number) => Standing} */
function ofZero(seen, quantity, row) {
  const { store, probe } = seen
  if (quantity === "branch_ratio") return { state: "none", words: "the branch answers 0" }
  if (quantity === "std") return { state: "none", words: probe.mean?.[row] ? "all values are equal" : "answers 0" }
  const own = quantity === "update_ratio" ? "weight_grad" : quantity
  const cause = probe[own]?.[row] === 0 ? blockedBy(seen, own, row) : null
  if (cause !== null) return { state: "none", words: cause ? `none: ${cause}` : "none" }
  if (quantity !== "update_ratio") return { state: "below", words: `below ${precisionOf(store)}'s reach` }
  return { state: "below", words: "too small to move a float32 weight" }
}

/** @param {OfRows} quantity @param {number} value */
function notANumber(quantity, value) {
  if (quantity === "branch_ratio") return "no ratio: the shortcut answers 0"
  if (quantity === "update_ratio" && Number.isNaN(value)) return "no ratio: the weight is 0"
  if (quantity === "agreement") return "no direction: a half's gradient is 0 or no number"
  return Number.isNaN(value) ? "not a number (NaN)" : "infinite: beyond float32's reach"
}

// Why a layer's gradient is exactly 0: a cause in words, "" where it is not known, null where it is only too small.
/** @type {(seen: Seen, quantity: OfRows, row: number) => string | null} */
function blockedBy({ store, probe, silences, silent }, quantity, row) {
  const values = probe[quantity] ?? new Float64Array()
  const alive = values.findIndex((value, layer) => layer > row && value !== 0) // what stops it is not behind that
  const end = alive < 0 ? values.length : alive
  if (blocksItself(store, probe, quantity, row)) return silences[row]
  const ahead = silent.find((layer) => layer > row && layer <= end && liesOnEveryWay(store, probe, layer, row))
  if (ahead) return silences[ahead]
  if (quantity === "weight_grad" && silences[row - 1] && !readsReLU(store)) return silences[row - 1] // its input is 0
  if (branchIs0(store, probe, row)) return "its branch answers 0"
  return end < values.length && values[end] > VANISHING ? "" : null
}

/** @param {Taken} probe @param {number} layer */
const isDead = (probe, layer) => Number(probe.dead?.[layer]) >= 1

// That a layer passes on nothing for any picture of the probe batch, in words; else "".
/** @type {(store: RunStore, probe: Taken, layer: number) => string} */
function silence(store, probe, layer) {
  if (isDead(probe, layer)) return `layer ${layer + 1} ${readsReLU(store) ? "reads only 0" : "answers 0"}`
  return probe.std?.[layer] === 0 && probe.mean?.[layer] === 0 ? `layer ${layer + 1} answers 0` : ""
}

// A dead ReLU stops what reaches its own layer; a norm that multiplies by 0 stops it between response and weight.
/** @type {(store: RunStore, probe: Taken, quantity: OfRows, layer: number) => boolean} */
function blocksItself(store, probe, quantity, layer) {
  if (quantity === "signal_grad") return isDead(probe, layer) && !readsReLU(store)
  return isDead(probe, layer) || Boolean(probe.signal_grad?.[layer] && silence(store, probe, layer))
}

// Whether all that a layer answers passes a later one: past a branch leads the shortcut, or the concatenation.
/** @type {(store: RunStore, probe: Taken, later: number, layer: number) => boolean} */
function liesOnEveryWay(store, probe, later, layer) {
  const branch = branchOf(store, later)
  if (!branch || branch === branchOf(store, layer)) return true
  const last = branchOf(store, later + 1) !== branch
  return last && isDead(probe, later) && Boolean(orderOf(store).after?.includes("relu"))
}

/** @param {RunStore} store */
const netOf = (store) => store.started?.spec?.net
/** @type {(store: RunStore) => Partial<Order>} */
const orderOf = (store) => vocabulary.orders[netOf(store)?.activation_order] ?? {}

// The ReLU of a layer is the one that it reads, in orders with ReLU before the convolution; else the one behind it.
/** @param {RunStore} store */
function readsReLU(store) {
  return netOf(store)?.family === "densenet" || Boolean(orderOf(store).before?.includes("relu"))
}

// Name of the residual block, or of the dense layer, that a layer is in; none for what everything passes.
/** @type {(store: RunStore, layer: number) => string | undefined} */
function branchOf(store, layer) {
  const { layers = [], blocks = [], ledger = [] } = store.started ?? {}
  const name = layers[layer] ?? ""
  return (
    blocks.find((block) => name.startsWith(`${block}.`)) ??
    (ledger.length ? name.match(/^block\d+\.layer\d+/)?.[0] : undefined)
  )
}

// A branch that is multiplied by 0, or was dropped, gives its layers no gradient.
/** @type {(store: RunStore, probe: Taken, layer: number) => boolean} */
function branchIs0(store, probe, layer) {
  const block = store.started?.blocks?.indexOf(branchOf(store, layer) ?? "") ?? -1
  return block >= 0 && probe.branch_ratio?.[block] === 0
}
