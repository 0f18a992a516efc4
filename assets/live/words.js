// Words that several views use about runs.
import { whole } from "../shared/format.js"
import { whenMeasured } from "./findings/moment.js"
import { list } from "./findings/names.js"
/** @import { RunStore } from "./store.js" */
/** @import { Measured, Moment, Run } from "./types.js" */

// Of what is drawn, {...run, probe}: "now, step 12", "steps 12 and 14"; "now" only while something moves.
/** @param {Pick<Measured, "store" | "probe">[]} shown @param {Moment} moment */
export function when(shown, moment) {
  const now = moment.step === null && !moment.held && shown.some(({ store }) => store.live)
  return `${now ? "now, " : ""}${whenMeasured(shown, moment).replace(/^at /, "")}`
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

// The largest norm that a run lets its gradient have; 0 where it is not clipped.
/** @type {(store: Pick<RunStore, "started">) => number} */
export const clipsAt = ({ started }) => started?.spec?.train?.grad_clip ?? 0

/** @param {number} count */
export const threadsOf = (count) => (count === 1 ? "1 thread" : `${count} threads`)

// Instead of a measurement that is not there: why not.
/** @param {Run[]} runs */
export function nothingYet(runs) {
  if (runs.length && runs.every(({ store }) => store.summary.watched === false)) {
    return [
      "Nothing is measured in this run",
      "Watching is switched off in this run's settings: only loss and accuracy are reported.",
    ]
  }
  if (runs.some(({ store }) => store.probes.length)) {
    return [
      "This was not measured in this run",
      "An older version of Depth Lab trained it, which did not measure this yet. Train it again to see it.",
    ]
  }
  if (runs.length && !runs.some(({ store }) => store.live)) {
    return ["Nothing was measured in this run", "It ended before its first measurement."]
  }
  return [
    "Waiting for the first measurement",
    "The first measurement will be drawn here; it comes with the first step.",
  ]
}
