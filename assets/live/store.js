// What the browser knows of one run: events merged by seq into arrays that can be drawn.
import { decodePayload } from "../shared/decode.js"
import { clamp } from "../shared/numbers.js"
import vocabulary from "../vocabulary.js"
import { evenly, extremes } from "./thin.js"

const { points: POINTS, probes: PROBES, recent: RECENT, names: NAMES, smoothed: SMOOTHED } = vocabulary.traces
const TRACES = ["steps", ...NAMES, ...SMOOTHED.map((name) => `smooth_${name}`), "recent_loss"]
const ends = (kind) => vocabulary.states[kind]?.ended

export class RunStore {
  constructor(id) {
    this.id = id
    this.seq = 0
    this.summary = null
    this.missing = null // a sentence, when the server knows no such run
    this.versions = { metrics: 0, probe: 0, evaluation: 0, state: 0 }
    this.empty()
  }

  empty() {
    this.started = null
    this.latest = null // scalars of the last metrics event
    this.points = Object.fromEntries(TRACES.map((name) => [name, []]))
    this.clock = { steps: [0], seconds: [0] }
    this.average = { loss: [0, 0], accuracy: [0, 0] } // running sum and weight
    this.evaluations = []
    this.probes = []
    this.end = null
    this.threads = null // the latest change of their number
    this.rate = null // what was said to come when a learning rate was last set by hand
  }

  get live() {
    return Boolean(this.summary) && !ends(this.summary.status)
  }

  get lastStep() {
    return this.points.steps.at(-1) ?? this.summary?.step ?? 0
  }

  merge(answer) {
    const before = JSON.stringify(this.versions)
    const summary = JSON.stringify(answer.run)
    if (summary !== this.summaryText) this.versions.state++
    this.summaryText = summary
    this.summary = answer.run
    for (const event of answer.events) if (event.seq > this.seq) this.take(event)
    this.seq = Math.max(this.seq, answer.seq)
    return JSON.stringify(this.versions) !== before
  }

  take(event) {
    const payload = decodePayload(event.payload)
    if (event.kind === "started") this.started = payload
    else if (event.kind === "metrics") this.addMetrics(event.step, payload)
    else if (event.kind === "probe") this.addProbe(event.step, payload)
    else if (event.kind === "evaluation") this.addEvaluation(event.step, payload)
    else if (event.kind === "threads") this.refit(event.step, payload)
    else if (event.kind === "control" && payload.first) this.rate = { step: event.step, ...payload }
    else if (event.kind === "resumed") this.resume(payload, payload.step ?? event.step)
    else if (ends(event.kind)) this.end = { kind: event.kind, step: event.step, ...payload }
    this.versions.state++
  }

  addMetrics(step, payload) {
    const { points } = this
    const size = payload.steps.length
    for (const name of ["steps", ...NAMES]) for (const value of payload[name]) points[name].push(value)
    for (const name of SMOOTHED) {
      const known = payload[`smooth_${name}`]
      if (known) this.average[name] = [known[size - 1] * this.window, this.window]
      for (let index = 0; index < size; index++) {
        points[`smooth_${name}`].push(known ? known[index] : this.smooth(name, payload[name][index]))
      }
    }
    for (let index = 0; index < size; index++) {
      points.recent_loss.push(payload.recent_loss?.[index] ?? this.recent(points.steps.length - size + index))
    }
    const clock = payload.clock_steps ? [payload.clock_steps, payload.clock_seconds] : [[step], [payload.seconds]]
    this.clock.steps.push(...clock[0])
    this.clock.seconds.push(...clock[1])
    this.latest = { ...payload, lr: points.lr.at(-1) }
    if (points.steps.length > POINTS) {
      const last = points.steps.length - RECENT // of the last ones each is kept: their mean goes on from them
      const kept = extremes([points.loss, points.accuracy], POINTS * 0.6).filter((index) => index < last)
      const chosen = [...kept, ...Array.from({ length: RECENT }, (_, index) => last + index)]
      for (const name of TRACES) points[name] = chosen.map((index) => points[name][index])
    }
    this.versions.metrics++
  }

  // Steps of the moving average.
  get window() {
    const {
      window: [least, most],
      share_of_epoch: share,
    } = vocabulary.traces
    return clamp((this.started?.steps_per_epoch ?? 0) / share, least, most)
  }

  smooth(name, value) {
    const keep = 1 - 1 / this.window
    if (Number.isFinite(value)) {
      const [total, weight] = this.average[name]
      this.average[name] = [keep * total + value, keep * weight + 1]
    }
    const [total, weight] = this.average[name]
    return weight ? total / weight : NaN
  }

  // Mean loss of the last minibatches up to the point with that index.
  recent(index) {
    const { steps, loss } = this.points
    let total = 0
    let count = 0
    for (let at = index; at >= 0 && steps[at] > steps[index] - RECENT; at--, count++) total += loss[at]
    return total / count
  }

  addProbe(step, payload) {
    if (this.probes.at(-1)?.step === step) this.probes.pop()
    this.probes.push({ step, ...payload })
    if (this.probes.length > PROBES * 1.25) {
      const steps = this.probes.map((probe) => probe.step)
      this.probes = evenly(steps, PROBES).map((index) => this.probes[index])
    }
    this.versions.probe++
  }

  addEvaluation(step, payload) {
    this.evaluations = this.evaluations.filter((old) => old.step < step)
    this.evaluations.push({ step, ...payload })
    this.versions.evaluation++
  }

  // `started.threads` is the number now; `threads` is the latest change of it, and why.
  refit(step, change) {
    this.threads = { step, ...change }
    if (this.started) this.started = { ...this.started, threads: change.threads }
  }

  // It may go on elsewhere: on another device, in another precision, with other threads.
  resume({ step: _, ...place }, step) {
    this.forget(step)
    if (this.threads?.step > step) this.threads = null
    if (this.rate?.step > step) this.rate = null
    if (this.started) this.started = { ...this.started, ...place }
  }

  // What was reported after that step is void: it is trained again, bit for bit.
  forget(step) {
    const count = this.points.steps.findIndex((known) => known > step)
    if (count >= 0) for (const name of TRACES) this.points[name].length = count
    const ticks = this.clock.steps.findIndex((known) => known > step)
    if (ticks >= 0) this.clock.steps.length = this.clock.seconds.length = ticks
    this.evaluations = this.evaluations.filter((old) => old.step <= step)
    this.probes = this.probes.filter((old) => old.step <= step)
    this.end = null
    for (const kind of ["metrics", "probe", "evaluation"]) this.versions[kind]++
  }

  // The measurement of a quantity that stands at a step (null: now): the last one until then, or else the first.
  probeAt(step, quantity) {
    const measured = this.probes.filter((probe) => probe[quantity]?.length)
    if (step === null) return measured.at(-1) ?? null
    return measured.findLast((probe) => probe.step <= step) ?? measured[0] ?? null
  }

  // Where a step lies on a time axis in steps, epochs or seconds of training.
  at(step, unit) {
    if (unit === "epoch") return step / (this.started?.steps_per_epoch || 1)
    return unit === "seconds" ? interpolate(this.clock.steps, this.clock.seconds, step) : step
  }

  stepAt(position, unit) {
    if (unit === "epoch") return position * (this.started?.steps_per_epoch || 1)
    return unit === "seconds" ? interpolate(this.clock.seconds, this.clock.steps, position) : position
  }
}

function interpolate(from, to, value) {
  let high = from.findIndex((known) => known >= value)
  if (high === 0) return to[0]
  if (high < 0) high = from.length - 1
  if (high === 0) return to[0]
  const share = (value - from[high - 1]) / (from[high] - from[high - 1] || 1)
  return to[high - 1] + share * (to[high] - to[high - 1])
}
