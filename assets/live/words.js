// Words that several views use about runs.
import { percent, whole } from "../shared/format.js"
/** @import { RunStore } from "./store.js" */
/** @import { Measurable, Measured, Moment, Run } from "./types.js" */

// Of what is drawn, {...run, probe}: "now, step 12", "steps 12 and 14"; "now" only while something moves.
/** @param {Measured[]} shown @param {Moment} moment @param {Measurable} quantity */
export function when(shown, moment, quantity) {
  const now = moment.step === null && !moment.held && shown.some(({ store }) => store.live)
  return `${now ? "now, " : ""}${moment.when(quantity)}`
}

// What the dotted line in a view of all time is: the chosen step.
/** @param {Run[]} runs @param {Moment} moment */
export function dotted(runs, { step, of }) {
  if (step === null) return ""
  const steps = new Set(runs.map(({ store }) => whole(of(store) ?? store.lastStep)))
  return `dotted line: ${steps.size > 1 ? "steps" : "step"} ${list([...steps])}`
}

// Changes when a card of measurements has something new to show: more of them, or others of them.
/** @param {Run[]} runs @param {Measured[]} shown */
export const signatureOf = (runs, shown) =>
  [runs.map(({ store }) => store.versions.probe), shown.map(({ probe }) => probe.step)].join(" ")

// That not each run has a map of its own.
/** @param {Run[]} drawn @param {Run[]} leaders of bands, and runs that are in none @param {Run[]} runs */
export function fewer(drawn, leaders, runs) {
  if (drawn.length < leaders.length) return `${drawn.length} of ${leaders.length} runs`
  return leaders.length < runs.length ? "one seed of each band" : ""
}

// The largest norm that a run lets its gradient have; 0 where it is not clipped.
/** @type {(store: Pick<RunStore, "started">) => number} */
export const clipsAt = ({ started }) => started?.spec?.train?.grad_clip ?? 0

/** @typedef {{probe_share: number, seconds: number, seconds_left: number}} Cost of watching: s of training */

// What watching costs. At the start it looks often, and its share is above the one that holds for the whole run: while
// the run goes on and what was spent is within that, that one is said.
/** @param {Cost} cost @param {number} most @param {boolean} over */
export function costOf({ probe_share: share, seconds, seconds_left: left }, most, over) {
  if (over || share <= most) return { text: percent(share), so: "" }
  const now = `${percent(share)} so far`
  const spent = (share / (1 - share)) * seconds
  if (spent > most * (seconds + spent + left)) return { text: now, so: "" }
  return { text: `≤ ${percent(most)}`, so: `${now}: it looks often at the start, when most changes, and less later` }
}

/** @param {number} count */
export const threadsOf = (count) => (count === 1 ? "1 thread" : `${count} threads`)

/** @param {string[]} words */
const list = (words) => (words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words.join(""))
