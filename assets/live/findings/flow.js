// What may be said of branches against shortcuts, and of a DenseNet's channels.
import { percent, short, whole } from "../../shared/format.js"
import { grouped, listed, standings } from "../reach.js"
import { extremes, spanned } from "./layers.js"
import { whenMeasured } from "./moment.js"
import { alsoDiffer, pairs } from "./names.js"

const APART = 3 // times between blocks, from which one average would hide them

// `shown`: runs with what was measured at the moment, {...run, probe}; `several`: other runs are shown as well.
export function branchFinding(shown, moment, { also = [], several = false } = {}) {
  if (shown.length === 1) {
    const [{ brief }] = shown
    const when = moment.step === null ? "" : ` ${whenMeasured(shown, moment)}`
    return `${several ? `${brief}, b` : "B"}ranch ÷ shortcut${when}: ${said(shown[0])}`
  }
  return `Branch ÷ shortcut ${whenMeasured(shown, moment)}: ${pairs(
    shown,
    shown.map(said),
  )}${alsoDiffer(also)}`
}

function said({ store, probe }) {
  const { known, low, high } = extremes(Array.from(probe.branch_ratio))
  const gone = grouped(standings(store, probe, "branch_ratio"))
  const lost = gone.map(({ words, rows }) => `${listed(rows, "block")} none (${words.replace("no ratio: ", "")})`)
  if (!known.length) return lost.join(", ")
  const some = high.value > APART * low.value ? spanned({ low, high }, "block") : `${short(average(known))} on average`
  return [some, ...lost].join(", ")
}

// Geometric, as the ratios are drawn.
const average = (known) => Math.exp(known.reduce((total, { value }) => total + Math.log(value), 0) / known.length)

// Of one DenseNet; `probe`: the shares of weight measured at the moment, if any.
export function ledgerFinding({ store, brief }, probe, moment, several = false) {
  const { ledger } = store.started
  const width = (row) => row.sources.reduce((total, source) => total + source.channels, 0)
  const grown = `${several ? `${brief}: i` : "I"}nputs grow to ${whole(Math.max(...ledger.map(width)))} channels`
  const shares = probe && Array.from(probe.weight_share.at(-1)).slice(0, ledger.at(-1).sources.length)
  if (!shares?.every(Number.isFinite)) return grown
  const late = shares.slice(-Math.ceil(shares.length / 2)).reduce((total, share) => total + share, 0)
  const when = moment.step === null ? "" : ` ${whenMeasured([{ store, probe }], moment)}`
  return `${grown}; ${ledger.at(-1).name} spends ${percent(late, 0)} on late ones${when}`
}
