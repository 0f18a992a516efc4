// What may be said of loss and accuracy at a moment. Pure functions of the runs and of the moment.
import { percent, short, whole } from "../../shared/format.js"
import { endOf, lastPoint, lossesAt, testsAt } from "./moment.js"
import { alsoDiffer, pairs } from "./names.js"

const WINDOW = [20, 400] // minibatches of a mean that a trend compares: an epoch, within these bounds
const LEAST = 10 // fewer minibatches tell no trend
const CERTAIN = 3 // standard errors that two means must be apart
const NOTABLE = 0.01 // and by which share

export function learnFinding(runs, moment, also = []) {
  const begun = runs.filter(({ store }) => store.points.steps.length)
  if (!begun.length && !moment.out.length) return "Waiting for the first step"
  if (runs.length === 1) return single(runs[0], moment.step)
  const said = moment.out.map(ended)
  if (moment.compared.length === 1) said.push(`${moment.compared[0].brief}: ${lower(single(moment.compared[0], moment.step))}`)
  if (moment.compared.length > 1) said.push(compared(moment, also))
  return said.join("; ")
}

function compared(moment, also) {
  const runs = moment.compared
  const tested = testsAt(runs, moment)
  const rest = alsoDiffer(also)
  if (tested) {
    const reached = tested.tests.map((test) => percent(test.test_accuracy))
    const precisions = tested.tests.map((test, index) => test.precision ?? runs[index].store.started?.precision)
    return `Test accuracy ${tested.when}: ${pairs(runs, inPrecision(runs, reached, precisions))}${rest}`
  }
  const { points, when } = lossesAt(runs, moment)
  return `Training loss ${when}: ${pairs(runs, points.map(({ loss }) => short(loss, 3)))}${rest}`
}

// Where precisions differ and the names do not say so, each number says in which one it was measured.
function inPrecision(runs, values, precisions) {
  if (new Set(precisions).size < 2 || runs.every(({ brief }, index) => brief.includes(precisions[index]))) return values
  return values.map((value, index) => (precisions[index] ? `${value} in ${precisions[index]}` : value))
}

function ended({ store, brief }) {
  const last = store.points.steps.length ? lastPoint(store, Infinity) : null
  return `${brief} ${endOf(store)}${last ? ` (training loss ${short(last.loss, 3)})` : ""}`
}

function single({ store }, step) {
  const { status } = store.summary
  if (!store.points.steps.length) return capital(endOf(store))
  const point = lastPoint(store, step ?? Infinity)
  const loss = `training loss ${short(point.loss, 3)}`
  if (step === null && status === "diverged") return `${capital(endOf(store))}: ${loss} at step ${whole(point.step)}`
  const test = store.evaluations.findLast((event) => event.step <= (step ?? Infinity))
  const tested = test && `test accuracy ${percent(test.test_accuracy)} after epoch ${test.epoch}`
  if (step !== null) return [`At step ${whole(point.step)}: ${loss}`, tested ?? trend(store, point)].join(", ")
  if (!test) return `${capital(loss)} at step ${whole(point.step)}, ${trend(store, point)}`
  return store.live ? `${capital(tested)}; training loss ${trend(store, point)}` : capital(tested)
}

// The mean of the last minibatches against that of as many before: of an epoch each, or of half of what there is.
// Apart are two means only beyond the scatter of single minibatches.
export function trend(store, { step, index }) {
  const epoch = Math.min(Math.max(store.started?.steps_per_epoch ?? 0, WINDOW[0]), WINDOW[1])
  const size = Math.min(epoch, Math.floor(step / 2))
  const { steps } = store.points
  const last = points(store, step - size, step)
  const before = points(store, step - 2 * size, step - size)
  if (size < LEAST || !last.length || !before.length) return "just begun"
  const [now, then] = [mean(store, last), mean(store, before)]
  const error = scatter(store, [...before, ...last]) * Math.sqrt(2 / size)
  const least = Math.max(CERTAIN * error, NOTABLE * Math.abs(then))
  const over = `over the last ${whole(2 * size)} steps`
  if (now < then - least) return `${store.live && index === steps.length - 1 ? "still falling" : "falling"} ${over}`
  return now > then + least ? `rising ${over}` : `level ${over}`
}

// Indices of the known points of the minibatches after one step and up to another.
function points({ points: { steps } }, after, until) {
  const found = []
  for (let index = steps.findLastIndex((step) => step <= until); index >= 0 && steps[index] > after; index--) found.unshift(index)
  return found
}

// The loss itself where each minibatch is known; where they are thinned, its mean over the last minibatches of each.
function mean({ points: { steps, loss, recent_loss: recent } }, indices) {
  const complete = steps[indices.at(-1)] - steps[indices[0]] === indices.length - 1
  const values = complete ? loss : recent
  return indices.reduce((total, index) => total + values[index], 0) / indices.length
}

// Standard deviation of a single minibatch, from the differences of neighbours, which a slope leaves alone.
function scatter({ points: { loss } }, indices) {
  const squares = indices.slice(1).map((index) => (loss[index] - loss[index - 1]) ** 2 / 2)
  return Math.sqrt(squares.reduce((total, value) => total + value, 0) / (squares.length || 1))
}

const capital = (text) => text[0].toUpperCase() + text.slice(1)

const lower = (text) => text[0].toLowerCase() + text.slice(1)
