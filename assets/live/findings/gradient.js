// What may be said of gradients and updates: first against last only where no layer between is further off.
import vocabulary from "../../vocabulary.js"
import { short } from "../../shared/format.js"
import { grouped, listed, standings } from "../reach.js"
import { extremes, layerName, spanned, withoutClassifier } from "./layers.js"
import { whenMeasured } from "./moment.js"
import { alsoDiffer, pairs } from "./names.js"

const WORSE = 2 // times beyond both ends, from which a layer between them is the one to name
const isNorm = (quantity) => vocabulary.quantities[quantity].unit === "norm" // of which ratios between layers speak

// `shown`: runs with what was measured at the moment, {...run, probe}; `several`: other runs are shown as well.
export function gradientFinding(shown, quantity, moment, { also = [], several = false } = {}) {
  const { title } = vocabulary.quantities[quantity]
  const when = shown.length > 1 || moment.step !== null ? ` ${whenMeasured(shown, moment)}` : ""
  if (shown.length === 1) {
    const [run] = shown
    return `${several ? `${run.brief}: ${title.toLowerCase()}` : title}${when}: ${said(run, quantity)}`
  }
  const values = shown.map(({ probe }) => withoutClassifier(probe[quantity]))
  const relative = isNorm(quantity) && values.every((each) => isNumber(each.at(-1)))
  if (relative && values.every(endsSayIt)) {
    const ratios = values.map((each) => short(each[0] / each.at(-1)))
    return `${title}${when}, first ÷ last: ${pairs(shown, ratios)}${alsoDiffer(also)}`
  }
  const words = shown.map((run, index) => (relative ? besides(run, quantity, values[index]) : ranging(run, quantity)))
  return `${title}${relative ? " ÷ last convolution's" : ""}${when}: ${pairs(shown, words)}${alsoDiffer(also)}`
}

const isNumber = (value) => value > 0 && Number.isFinite(value)

// Whether the first and the last layer say it all: both are there, and none between is much larger or smaller.
function endsSayIt(values) {
  const { known, low, high } = extremes(values)
  if (!known.length || known.length < values.length) return false
  const ends = [values[0], values.at(-1)]
  return high.value <= WORSE * Math.max(...ends) && low.value >= Math.min(...ends) / WORSE
}

// Of one run, in full.
function said(run, quantity) {
  const values = withoutClassifier(run.probe[quantity])
  const last = values.at(-1)
  if (!isNorm(quantity) || !isNumber(last)) return ranging(run, quantity)
  if (endsSayIt(values)) return `first layer ${short(values[0] / last)} × the last convolution`
  const names = run.store.started?.layers
  const times = furthest(values).map(({ index, value }) => `${layerName(index, names)} ${short(value / last)} ×`)
  return [...missing(run, quantity, values.length), `${times.join(", ")} the last convolution`].join(", ")
}

// "1,600 in layer 3, 0.1 in layer 5": as multiples of the last convolution's.
function besides(run, quantity, values) {
  const times = furthest(values).map(({ index, value }) => `${short(value / values.at(-1))} in layer ${index + 1}`)
  return [...missing(run, quantity, values.length), ...times].join(", ")
}

function ranging(run, quantity) {
  const values = withoutClassifier(run.probe[quantity])
  const { known, low, high } = extremes(values, vocabulary.quantities[quantity].log)
  return [...missing(run, quantity, values.length), ...(known.length ? [spanned({ low, high })] : [])].join(", ")
}

// The layers to name beside the last one: those between that are larger or smaller than both ends, or else the end.
function furthest(values) {
  const last = values.at(-1)
  const { known, low, high } = extremes(values)
  const [first] = known
  const ends = [first.value, last]
  const named = []
  if (high.value > WORSE * Math.max(...ends)) named.push(high)
  if (low.value < Math.min(...ends) / WORSE) named.push(low)
  return named.length ? named : [first]
}

// Where there is no number above 0, and why: "layers 1–6 none (layer 7 answers 0)".
function missing({ store, probe }, quantity, count) {
  const groups = grouped(standings(store, probe, quantity).slice(0, count))
  return groups.map(({ words, rows }) => `${listed(rows, "layer")} ${words.replace(/: (.*)/, " ($1)")}`)
}
