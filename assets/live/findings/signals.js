// What may be said of the responses: the layers where they grow or shrink most, and where they are dead.
import { short } from "../../shared/format.js"
import { extremes, fromOrIn, layerName, spanned, withoutClassifier } from "./layers.js"
import { whenMeasured } from "./moment.js"
import { alsoDiffer, pairs } from "./names.js"

const FAR = 10 // times the first layer's std, from which a layer is named beside it
const HALF = 0.5

// `shown`: runs with what was measured at the moment, {...run, probe}; `several`: other runs are shown as well.
export function signalsFinding(shown, moment, { also = [], several = false } = {}) {
  if (shown.length === 1) {
    const [{ store, brief, probe }] = shown
    const when = moment.step === null ? "" : ` ${whenMeasured(shown, moment)}`
    return `${several ? `${brief}: std` : "Std"} of the responses${when}: ${said(probe, store.started?.layers)}${outside(probe)}`
  }
  const rest = alsoDiffer(also)
  return `Std ${whenMeasured(shown, moment)}: ${pairs(shown, shown.map(({ probe }) => said(probe)))}${rest}`
}

function said(probe, names) {
  const values = withoutClassifier(probe.std)
  const { known, zeros, broken, low, high } = extremes(values)
  const parts = []
  if (known.length) {
    const first = values[0] > 0 && Number.isFinite(values[0]) ? values[0] : known[0].value
    const far = [high, low].filter(({ value }) => value > FAR * first || value < first / FAR)
    if (far.length) {
      parts.push(`${short(first)} in layer ${values.indexOf(first) + 1}`)
      parts.push(...far.map(({ index, value }) => `${short(value)} in ${layerName(index, names)}`))
    } else parts.push(spanned({ low, high }))
  }
  if (broken.length) parts.push(`not a number ${fromOrIn(broken, values.length)}`)
  const deaths = dead(probe, values.length)
  if (deaths) parts.push(deaths)
  else if (zeros.length) parts.push(`no response ${fromOrIn(zeros, values.length)}`)
  return parts.join(", ")
}

// Layers whose ReLU gives nothing at all, or else those where that is so of most channels.
function dead({ dead: shares }, count) {
  const layers = Array.from(shares ?? []).slice(0, count)
  const known = carried(layers.slice(0, layers.findLastIndex((share) => !Number.isNaN(share)) + 1))
  const all = indicesOf(known, (share) => share === 1)
  if (all.length) return `dead ${fromOrIn(all, known.length)}`
  const most = indicesOf(known, (share) => share > HALF)
  return most.length ? `over half the channels dead ${fromOrIn(most, known.length)}` : ""
}

const indicesOf = (values, wanted) => values.flatMap((value, index) => (wanted(value) ? [index] : []))

// A layer without a ReLU (NaN) is as the one before it: it breaks no row of dead ones.
function carried(shares) {
  let last = NaN
  return shares.map((share) => (last = Number.isNaN(share) ? last : share))
}

// The largest share of a layer's responses that lies beyond the outermost bins.
function outside({ histogram }) {
  const shares = (histogram ?? []).map((row) => (row[0] + row.at(-1)) / (row.reduce((total, count) => total + count, 0) || 1))
  const most = Math.max(...shares, 0)
  return most > 0.01 ? `; up to ${short(100 * most)} % out of range` : ""
}
