// Which layer matters: the words for values of layers, the classifier (the last one, with a scale of its own) left out.
import { short } from "../../shared/format.js"
import { listed } from "../reach.js"

const ALIKE = 2 // times between smallest and largest, up to which no layer stands out

export const withoutClassifier = (values) => (values.length > 1 ? Array.from(values).slice(0, -1) : Array.from(values))

// Smallest and largest of the values that are a number, above 0 on a logarithmic axis, and where the others are.
export function extremes(values, log = true) {
  const known = []
  const zeros = []
  const broken = []
  values.forEach((value, index) => {
    if ((value > 0 || !log) && Number.isFinite(value)) known.push({ index, value })
    else (value === 0 ? zeros : broken).push(index)
  })
  const by = (better) => known.reduce((best, each) => (best && !better(each.value, best.value) ? best : each), null)
  return { known, zeros, broken, low: by((value, best) => value < best), high: by((value, best) => value > best) }
}

// "from layer 6 on", "in layers 1–6, 9": of `count` layers, by their indices.
export function fromOrIn(indices, count) {
  const [first] = indices
  const toTheEnd = indices.at(-1) === count - 1 && count - first === indices.length
  if (toTheEnd && first > 0 && indices.length > 1) return `from layer ${first + 1} on`
  return `in ${indices.length === count ? "every layer" : listed(indices.map((index) => index + 1), "layer")}`
}

// "layer 5", and in full, where there is room, "layer 5 (stage1.block2.conv1)".
export const layerName = (index, names) => `layer ${index + 1}${names?.[index] ? ` (${names[index]})` : ""}`

// "0.5 (layer 3) to 1.2 (layer 17)"; "0.9 to 1.1" where no layer stands out.
export function spanned({ low, high }, row = "layer") {
  const [least, most] = [short(low.value), short(high.value)]
  if (least === most) return `about ${least}`
  if (high.value < ALIKE * low.value) return `${least} to ${most}`
  return `${least} (${row} ${low.index + 1}) to ${most} (${row} ${high.index + 1})`
}
