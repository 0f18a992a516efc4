// At which moment runs may be set beside each other: the last one that all of them have reached.
// Runs are {store, label, brief}; everything here is a pure function of them and of a step.
import vocabulary from "../../vocabulary.js"
import { whole } from "../../shared/format.js"
import { list } from "./names.js"

const NEAR = 0.05 // by how much the pictures seen at two tests may differ where the data do

// `step`: the one that the viewer chose, in steps of the longest run; null: the newest.
// The moment says at which step each run is looked at (null: its newest), which runs may be `compared` there, which are
// `out` because they ended early before it or have not come so far, and whether some are `held` back for the others.
export function momentOf(runs, step) {
  const begun = runs.filter(({ store }) => store.points.steps.length)
  const fallen = runs.filter((run) => !begun.includes(run) && early(run))
  const clock = clockOf(begun)
  const ends = new Map(begun.map((run) => [run, clock.position(run.store, reachOf(run.store))]))
  const reached = Math.max(...ends.values(), 0)
  const asked = step === null || !begun.length ? reached : Math.min(clock.position(longest(begun).store, step), reached)
  const out = begun.filter((run) => ends.get(run) < asked && (step !== null || early(run)))
  const compared = begun.filter((run) => !out.includes(run))
  const several = compared.length > 1
  const common = Math.min(asked, ...compared.map((run) => ends.get(run)))
  const steps = new Map(out.map(({ store }) => [store, null]))
  for (const { store } of compared) steps.set(store, several || step !== null ? clock.step(store, common) : null)
  const of = (store) => (steps.has(store) ? steps.get(store) : step)
  return { step, of, compared, out: [...fallen, ...out], clock, held: step === null && several && common < reached }
}

const stateOf = (store) => vocabulary.states[store.summary?.status] ?? {}
const early = ({ store }) => Boolean(stateOf(store).early)

// A measurement may be known a moment before the minibatches around it.
const reachOf = ({ lastStep, probes }) => Math.max(lastStep, probes.at(-1)?.step ?? 0)

export const longest = (runs) =>
  runs.reduce((best, run) => (run.store.lastStep > best.store.lastStep ? run : best), runs[0])

// What equal positions mean: optimiser steps, or pictures seen where minibatches or data differ.
export function clockOf(runs) {
  const started = runs.map(({ store }) => store.started).filter((known) => known?.spec?.train)
  const alike = (of) => new Set(started.map(of)).size < 2
  const sameData = alike(({ spec, images }) => `${spec.train.data} ${images}`)
  if (sameData && alike(({ spec, steps_per_epoch: size }) => `${spec.train.batch_size} ${size}`)) {
    return { unit: "steps", position: (_, step) => step, step: (_, position) => position, sameData }
  }
  return { unit: "pictures", position: picturesAt, step: stepAt, sameData }
}

// Pictures of an epoch: without those that no minibatch took, where its last ones are left out.
const ofEpoch = ({ started }) => Math.min(started.images, started.steps_per_epoch * started.spec.train.batch_size)

export function picturesAt(store, step) {
  const { steps_per_epoch: size, spec } = store.started
  return Math.floor(step / size) * ofEpoch(store) + (step % size) * spec.train.batch_size
}

// The last step at which no more than so many pictures were seen.
function stepAt(store, pictures) {
  const epochs = Math.floor(pictures / ofEpoch(store))
  const { steps_per_epoch: size, spec } = store.started
  const rest = Math.floor((pictures - epochs * ofEpoch(store)) / spec.train.batch_size + 1e-9)
  return epochs * size + Math.min(rest, size)
}

// What was measured of a quantity at a moment, for the runs that have it: {...run, probe}.
// Runs that are compared measure at steps of their own: taken are the latest that lie nearest to each other.
export function measuredAt(runs, moment, quantity) {
  const measured = runs.filter(({ store }) => store.probeAt(null, quantity))
  const stores = new Set(moment.compared.map(({ store }) => store))
  const compared = measured.filter(({ store }) => stores.has(store))
  const latest = (store) => store.probeAt(moment.of(store), quantity)
  if (compared.length < 2) return measured.map((run) => ({ ...run, probe: latest(run.store) }))
  const { position } = moment.clock
  const slowest = Math.min(...compared.map(({ store }) => position(store, latest(store).step)))
  return measured.map((run) => {
    if (!stores.has(run.store)) return { ...run, probe: latest(run.store) }
    const limit = moment.of(run.store) ?? Infinity
    const known = run.store.probes.filter((probe) => probe[quantity]?.length && probe.step <= limit)
    const far = (probe) => Math.abs(position(run.store, probe.step) - slowest)
    return { ...run, probe: known.reduce((best, probe) => (far(probe) <= far(best) ? probe : best), known[0] ?? latest(run.store)) }
  })
}

// "at step 12", "at steps 12 and 14", "after 1,536 pictures": of measurements as `measuredAt` gives them.
export function whenMeasured(shown, { clock, out }) {
  const apart = new Set(out.map(({ store }) => store))
  const together = shown.filter(({ store }) => !apart.has(store))
  if (clock.unit === "pictures" && together.length > 1) {
    return `after ${list(distinct(together.map(({ store, probe }) => whole(picturesAt(store, probe.step)))))} pictures`
  }
  return atSteps(shown.map(({ probe }) => probe.step))
}

export function atSteps(steps) {
  const several = distinct(steps.map((step) => whole(step)))
  return `at ${several.length > 1 ? "steps" : "step"} ${list(several)}`
}

const distinct = (values) => [...new Set(values)]

// The training loss of each run at the last point that all know: [{step, loss}], and when that is in words.
export function lossesAt(runs, moment) {
  const { clock } = moment
  const known = (limit) => runs.map(({ store }) => lastPoint(store, limit(store)))
  let points = known((store) => moment.of(store) ?? Infinity)
  if (runs.length > 1) {
    const common = Math.min(...points.map(({ step }, index) => clock.position(runs[index].store, step)))
    points = known((store) => clock.step(store, common))
  }
  const positions = distinct(points.map(({ step }, index) => clock.position(runs[index].store, step)))
  const least = whole(Math.min(...positions))
  if (clock.unit === "pictures") return { points, when: `after ${positions.length > 1 ? "about " : ""}${least} pictures` }
  return { points, when: `${positions.length > 1 ? "near" : "at"} step ${least}` }
}

// The mean loss of the last minibatches (20, fewer at the start) up to a step.
export function lastPoint(store, limit) {
  const { steps, recent_loss: recent } = store.points
  const index = Math.max(
    steps.findLastIndex((step) => step <= limit),
    0,
  )
  return { step: steps[index], loss: recent[index], index }
}

// The last test that all runs have made after equally much training: {tests, when}, or null.
export function testsAt(runs, moment) {
  const made = runs.map(({ store }) =>
    store.evaluations.filter((event) => event.step <= (moment.of(store) ?? Infinity) && Number.isFinite(event.test_accuracy)),
  )
  if (!moment.clock.sameData) return testsNear(runs, made)
  const common = made[0]?.findLast(({ epoch }) => made.every((tests) => tests.some((test) => test.epoch === epoch)))
  if (!common) return null
  return { tests: made.map((tests) => tests.find((test) => test.epoch === common.epoch)), when: `after epoch ${common.epoch}` }
}

function testsNear(runs, made) {
  const seen = made.map((tests, index) => tests.map((test) => ({ test, pictures: picturesAt(runs[index].store, test.step) })))
  for (const { pictures } of (seen[0] ?? []).toReversed()) {
    const near = seen.map((tests) => tests.findLast((other) => Math.abs(other.pictures / pictures - 1) <= NEAR))
    if (near.every(Boolean)) return { tests: near.map(({ test }) => test), when: `after about ${whole(pictures)} pictures` }
  }
  return null
}

// Where a run that cannot be compared stands: "diverged at step 3", "has reached step 78".
export function endOf(store) {
  const { summary: { status }, end, lastStep } = store
  const step = status === "diverged" ? (end?.step ?? lastStep + 1) : lastStep
  return `${stateOf(store).ended ? `${status} at` : "has reached"} step ${whole(step)}`
}

// The steps at which anything was measured, as steps of the longest run.
export function measuredSteps(runs) {
  const begun = runs.filter(({ store }) => store.probes.length)
  const clock = clockOf(begun)
  const ruler = longest(begun)?.store
  const steps = begun.flatMap(({ store }) =>
    store.probes.map((probe) => clock.step(ruler, clock.position(store, probe.step))),
  )
  return distinct(steps).sort((first, second) => first - second)
}
