// What stands where a logarithmic picture has no number: why a layer's gradient, ratio or spread reads 0, or is none.
//
// none:    0, because nothing passes; where it was measured, with the layer that answers 0
// below:   not 0 in truth, but the run's numbers cannot hold anything as small
// unknown: no number

const VANISHING = 1e-25 // a norm below this goes out of reach within a few layers; a larger one is not lost in one
export const MARKS = { none: "✕", below: "▽", unknown: "?" }

// For each row of a measurement null where it is a number above 0, else {state, words}. Rows are layers, or blocks.
export function standings(store, probe, quantity) {
  const values = probe[quantity]
  return Array.from(values, (value, row) => {
    if (value === 0) return ofZero(store, probe, quantity, row)
    return value > 0 && Number.isFinite(value) ? null : { state: "unknown", words: notANumber(quantity, value) }
  })
}

// For a finding: whether a measurement reaches layer 1, and if not why; "" where it reads above 0 everywhere.
export function reachWords(store, probe, quantity) {
  const found = standings(store, probe, quantity)
  const lost = found.filter(Boolean)
  if (!lost.length) return ""
  const [first] = found
  const unit = quantity === "branch_ratio" ? "block" : "layer"
  if (unit === "layer" && first?.state === "none") return first.words.replace("none", "none reaches layer 1")
  const reached = found.findIndex((standing) => standing === null)
  if (unit === "layer" && first?.state === "below" && reached > 0) return `${first.words} before layer ${reached + 1}`
  if (lost.length === found.length) return `every ${unit}: ${lost[0].words}`
  return `${listed(rowsOf(found, lost[0].words), unit)}: ${lost[0].words}`
}

// What a picture's caption says of them: [{state, words, rows}], rows with the same words together, numbered from 1.
export function grouped(found) {
  const words = [...new Set(found.filter(Boolean).map((standing) => standing.words))]
  return words.map((each) => {
    const rows = rowsOf(found, each)
    return { state: found[rows[0] - 1].state, words: each, rows }
  })
}

// "layer 4", "layers 1–3, 7"
export function listed(rows, unit) {
  const spans = []
  for (const row of rows) {
    if (spans.at(-1)?.[1] === row - 1) spans.at(-1)[1] = row
    else spans.push([row, row])
  }
  const shown = spans.slice(0, 3).map(([first, last]) => (first === last ? first : `${first}–${last}`))
  return `${unit}${rows.length > 1 ? "s" : ""} ${shown.join(", ")}${spans.length > 3 ? " and others" : ""}`
}

const rowsOf = (found, words) => found.flatMap((standing, row) => (standing?.words === words ? [row + 1] : []))

const precisionOf = (store) => (store.started?.precision === "bf16" ? "bfloat16" : "float32")

function ofZero(store, probe, quantity, row) {
  if (quantity === "branch_ratio") return { state: "none", words: "the branch answers 0" }
  if (quantity === "std") return { state: "none", words: probe.mean?.[row] ? "all values are equal" : "answers 0" }
  const own = quantity === "update_ratio" ? "weight_grad" : quantity
  const cause = probe[own]?.[row] === 0 ? blockedBy(store, probe, own, row) : null
  if (cause !== null) return { state: "none", words: cause ? `none: ${cause}` : "none" }
  if (quantity !== "update_ratio") return { state: "below", words: `below ${precisionOf(store)}'s reach` }
  return { state: "below", words: "too small to move a float32 weight" }
}

function notANumber(quantity, value) {
  if (quantity === "branch_ratio") return "no ratio: the shortcut answers 0"
  if (quantity === "update_ratio" && Number.isNaN(value)) return "no ratio: the weight is 0"
  return Number.isNaN(value) ? "not a number (NaN)" : "infinite: beyond float32's reach"
}

// Why a layer's gradient is exactly 0: a cause in words, "" where it is not known, null where it is only too small.
function blockedBy(store, probe, quantity, row) {
  const values = probe[quantity]
  let end = row // the layers from here to this one read 0: whatever stops the gradient is among them or next to them
  while (end + 1 < values.length && values[end + 1] === 0) end++
  const silent = (layer) => silence(store, probe, layer)
  if (blocksItself(store, probe, quantity, row)) return silent(row)
  for (let layer = row + 1; layer <= end + 1; layer++) {
    if (silent(layer) && liesOnEveryWay(store, probe, layer, row)) return silent(layer)
  }
  if (quantity === "weight_grad" && silent(row - 1) && !readsReLU(store)) return silent(row - 1) // its input is 0
  if (branchIs0(store, probe, row)) return "its branch answers 0"
  return end + 1 < values.length && values[end + 1] > VANISHING ? "" : null
}

const isDead = (probe, layer) => probe.dead?.[layer] >= 1

// That a layer passes on nothing for any picture of the probe batch, in words; else "".
function silence(store, probe, layer) {
  if (isDead(probe, layer)) return `layer ${layer + 1} ${readsReLU(store) ? "reads only 0" : "answers 0"}`
  return probe.std?.[layer] === 0 && probe.mean?.[layer] === 0 ? `layer ${layer + 1} answers 0` : ""
}

// A dead ReLU stops what reaches its own layer; a norm that multiplies by 0 stops it between response and weight.
function blocksItself(store, probe, quantity, layer) {
  if (quantity === "signal_grad") return isDead(probe, layer) && !readsReLU(store)
  return isDead(probe, layer) || Boolean(probe.signal_grad?.[layer] && silence(store, probe, layer))
}

// Whether all that a layer answers passes a later one: past a branch leads the shortcut, or the concatenation.
function liesOnEveryWay(store, probe, later, layer) {
  const branch = branchOf(store, later)
  if (!branch || branch === branchOf(store, layer)) return true
  const last = branchOf(store, later + 1) !== branch
  return last && isDead(probe, later) && ["post", "bn-after-add"].includes(netOf(store)?.activation_order)
}

const netOf = (store) => store.started?.spec?.net

// The ReLU of a layer is the one that it reads, in orders with ReLU before the convolution; else the one behind it.
function readsReLU(store) {
  return netOf(store)?.family === "densenet" || ["pre", "relu-only-pre"].includes(netOf(store)?.activation_order)
}

// Name of the residual block, or of the dense layer, that a layer is in; none for what everything passes.
function branchOf(store, layer) {
  const { layers = [], blocks = [], ledger = [] } = store.started ?? {}
  const name = layers[layer] ?? ""
  return blocks.find((block) => name.startsWith(`${block}.`)) ?? (ledger.length && name.match(/^block\d+\.layer\d+/)?.[0])
}

// A branch that is multiplied by 0, or was dropped, gives its layers no gradient.
function branchIs0(store, probe, layer) {
  const block = store.started?.blocks?.indexOf(branchOf(store, layer)) ?? -1
  return block >= 0 && probe.branch_ratio?.[block] === 0
}
