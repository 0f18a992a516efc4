// What the browser knows of one run: events merged by seq into arrays that can be drawn.
import { decodePayload } from "../shared/decode.js"
import { clamp, last } from "../shared/numbers.js"
import vocabulary from "../vocabulary.js"
import { evenly, extremes } from "./thin.js"

/** @import { Answer, Control, Evaluation, Gaps, Metrics, Pace, Resumed, Started, Summary, Threads, Told, Traces, Unkept } from "../told.js" */
/** @import { Measurable, Taken, Unit } from "./types.js" */

const { points: POINTS, recent: RECENT, names: NAMES, smoothed: SMOOTHED, smoothings: SMOOTHINGS } = vocabulary.traces
const { probes: PROBES, probes_left: PROBES_LEFT } = vocabulary.traces // as the server keeps them, one by one
/** @typedef {"loss" | "accuracy"} Smoothed */
/** @typedef {`smooth_${Smoothed}${"" | "_20" | "_100"}`} Average */
/** @typedef {"steps" | "loss" | "accuracy" | "lr" | Average | "recent_loss"} Trace */
/** @template Payload @typedef {Payload & { step: number }} At */

const AVERAGES = SMOOTHED.flatMap((name) =>
  [null, ...SMOOTHINGS].map((steps) => ({ name, steps, key: /** @type {Average} */ (averageOf(name, steps)) })),
)
/** @type {Trace[]} */
const TRACES = ["steps", ...NAMES, ...AVERAGES.map(({ key }) => key), "recent_loss"]
/** @type {(name: Smoothed, steps: number | string | null) => string} null: the usual steps */
function averageOf(name, steps) {
  return `smooth_${name}${steps ? `_${steps}` : ""}`
}

/** @param {string} kind */
const ends = (kind) => vocabulary.states[kind]?.ended

export class RunStore {
  seq = 0
  /** @type {Summary | null} */
  summary = null
  summaryText = ""
  /** @type {string | null} a sentence, when the server knows no such run */
  missing = null
  versions = { metrics: 0, probe: 0, evaluation: 0, state: 0 }
  /** @type {Started | null} */
  started = null
  /** @type {(Pace & { lr: number, clipped: number | null }) | null} scalars of the last metrics event */
  latest = null
  /** @type {Record<Trace, number[]>} */
  points = /** @type {any} */ (Object.fromEntries(TRACES.map((name) => [name, []])))
  clock = { steps: [0], seconds: [0] }
  /** @type {Record<string, [total: number, weight: number]>} */
  average = Object.fromEntries(AVERAGES.map(({ key }) => [key, [0, 0]]))
  /** @type {At<Evaluation>[]} */
  evaluations = []
  /** @type {Taken[]} */
  probes = []
  /** @type {{ kind: string, step: number, what?: string, message?: string } | null} */
  end = null
  /** @type {At<Threads> | null} the latest change of their number */
  threads = null
  /** @type {At<Unkept> | null} where its film began to leave something out, and why */
  unkept = null
  /** @type {At<Control>[]} what was said to come each time that a learning rate was set by hand */
  rates = []

  /** @type {Record<string, Gaps[]>} by quantity: where its looks have no number, as the last answer of findings told */
  gaps = {}

  /** @param {string} id */
  constructor(id) {
    this.id = id
  }

  get live() {
    return Boolean(this.summary && !ends(this.summary.status))
  }

  get lastStep() {
    return this.points.steps.at(-1) ?? this.summary?.step ?? 0
  }

  /** @param {Answer} answer */
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

  /** @param {Told} event */
  take(event) {
    const payload = decodePayload(event.payload)
    if (event.kind === "started") this.started = payload
    else if (event.kind === "metrics") this.addMetrics(event.step, payload)
    else if (event.kind === "probe") this.addProbe(event.step, payload)
    else if (event.kind === "evaluation") this.addEvaluation(event.step, payload)
    else if (event.kind === "unkept") this.unkept = { step: event.step, ...payload }
    else if (event.kind === "threads") this.refit(event.step, payload)
    else if (event.kind === "control" && payload.first) this.setRate({ step: event.step, ...payload })
    else if (event.kind === "resumed") this.resume(payload, payload.step ?? event.step)
    else if (ends(event.kind)) this.end = { kind: event.kind, step: event.step, ...payload }
    this.versions.state++
  }

  /** @param {number} step @param {Metrics & Partial<Traces>} payload */
  addMetrics(step, payload) {
    const { points } = this
    const size = payload.steps.length
    for (const name of /** @type {const} */ (["steps", ...NAMES]))
      for (const value of payload[name]) points[name].push(value)
    for (const { name, steps, key } of AVERAGES) {
      const known = payload[key]
      const window = steps ?? this.window
      if (known) this.average[key] = [known[size - 1] * window, window]
      const unknown = !known && payload.smooth_loss // of steps that are not all here: it would be another number
      for (let index = 0; index < size; index++) {
        points[key].push(known ? known[index] : unknown ? NaN : this.smooth(key, window, payload[name][index]))
      }
    }
    for (let index = 0; index < size; index++) {
      points.recent_loss.push(payload.recent_loss?.[index] ?? this.recent(points.steps.length - size + index))
    }
    this.clock.steps.push(...(payload.clock_steps ?? [step]))
    this.clock.seconds.push(...(payload.clock_seconds ?? [payload.seconds]))
    this.latest = { ...payload, lr: last(points.lr) }
    if (points.steps.length > POINTS) {
      const end = points.steps.length - RECENT // of the last ones each is kept: their mean goes on from them
      const kept = extremes([points.loss, points.accuracy], POINTS * 0.6).filter((index) => index < end)
      const chosen = [...kept, ...Array.from({ length: RECENT }, (_, index) => end + index)]
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

  /** @param {string} key @param {number} window @param {number} value */
  smooth(key, window, value) {
    const keep = 1 - 1 / window
    if (Number.isFinite(value)) {
      const [total, weight] = this.average[key]
      this.average[key] = [keep * total + value, keep * weight + 1]
    }
    const [total, weight] = this.average[key]
    return weight ? total / weight : NaN
  }

  // The values of a curve, smoothed over so many steps ("0": as they are); as usual, where that is not known.
  /** @param {Smoothed} name @param {string} smoothing @returns {number[]} */
  smoothed(name, smoothing) {
    if (smoothing === "0") return this.points[name]
    const chosen = this.points[/** @type {Average} */ (averageOf(name, smoothing))]
    return this.knows(name, smoothing) ? chosen : this.points[`smooth_${name}`]
  }

  /** @type {(name: Smoothed, smoothing: string) => boolean} */
  knows(name, smoothing) {
    return Boolean(this.points[/** @type {Average} */ (averageOf(name, smoothing))]?.some(Number.isFinite))
  }

  // Mean loss of the last minibatches up to the point with that index.
  /** @param {number} index */
  recent(index) {
    const { steps, loss } = this.points
    let total = 0
    let count = 0
    for (let at = index; at >= 0 && steps[at] > steps[index] - RECENT; at--, count++) total += loss[at]
    return total / count
  }

  /** @param {number} step @param {Omit<Taken, "step">} payload */
  addProbe(step, payload) {
    if (this.probes.at(-1)?.step === step) this.probes.pop()
    this.probes.push({ step, ...payload })
    if (this.probes.length > PROBES) {
      const steps = this.probes.map((probe) => probe.step)
      this.probes = evenly(steps, PROBES_LEFT).map((index) => this.probes[index])
    }
    this.versions.probe++
  }

  /** @param {number} step @param {Evaluation} payload */
  addEvaluation(step, payload) {
    this.evaluations = this.evaluations.filter((old) => old.step < step)
    this.evaluations.push({ step, ...payload })
    this.versions.evaluation++
  }

  // `started.threads` is the number now; `threads` is the latest change of it, and why.
  /** @param {number} step @param {Threads} change */
  refit(step, change) {
    this.threads = { step, ...change }
    if (this.started) this.started = { ...this.started, threads: change.threads }
  }

  // A later wish for the same step, or an earlier one, takes the place of what was to come then.
  /** @param {At<Control>} rate */
  setRate(rate) {
    this.rates = [...this.rates.filter(({ first }) => Number(first) < Number(rate.first)), rate]
  }

  // The one that was set last.
  get rate() {
    return this.rates.at(-1) ?? null
  }

  // It may go on elsewhere: on another device, in another precision, with other threads.
  /** @param {Resumed} payload @param {number} step */
  resume({ step: _, ...place }, step) {
    this.forget(step)
    if (this.threads && this.threads.step > step) this.threads = null
    this.rates = this.rates.filter((rate) => rate.step <= step)
    if (this.started) this.started = { ...this.started, ...place }
  }

  // What was reported after that step is void: it is trained again, bit for bit.
  /** @param {number} step */
  forget(step) {
    const count = this.points.steps.findIndex((known) => known > step)
    if (count >= 0) for (const name of TRACES) this.points[name].length = count
    const ticks = this.clock.steps.findIndex((known) => known > step)
    if (ticks >= 0) this.clock.steps.length = this.clock.seconds.length = ticks
    this.evaluations = this.evaluations.filter((old) => old.step <= step)
    this.probes = this.probes.filter((old) => old.step <= step)
    this.end = null
    this.versions.metrics++
    this.versions.probe++
    this.versions.evaluation++
  }

  // The measurement of a quantity that stands at a step (null: now): the last one until then, or else the first.
  /** @type {(step: number | null, quantity: Measurable) => Taken | null} */
  probeAt(step, quantity) {
    const measured = this.probes.filter((probe) => probe[quantity]?.length)
    if (step === null) return measured.at(-1) ?? null
    return measured.findLast((probe) => probe.step <= step) ?? measured[0] ?? null
  }

  // How many pictures it had been trained on after a step (core/findings/clock.py).
  /** @param {number} step */
  picturesAt(step) {
    const { batch_size: batch = 0 } = this.summary ?? {}
    const { steps_per_epoch: steps = 1, images = steps * batch } = this.started ?? {}
    return Math.floor(step / steps) * Math.min(images, steps * batch) + (step % steps) * batch
  }

  // MACs of training in a step, on average over an epoch, whose last minibatch may be smaller.
  get stepMacs() {
    const { batch_size: batch = 0, picture_macs: macs = 0 } = this.summary ?? {}
    const { steps_per_epoch: steps = 0, images = steps * batch } = this.started ?? {}
    return (macs * Math.min(images, steps * batch)) / steps || 1
  }

  // Where a step lies on a time axis in steps, epochs, seconds or MACs of training.
  /** @param {number} step @param {Unit} unit */
  at(step, unit) {
    if (unit === "epoch") return step / (this.started?.steps_per_epoch || 1)
    if (unit === "macs") return step * this.stepMacs
    return unit === "seconds" ? interpolate(this.clock.steps, this.clock.seconds, step) : step
  }

  // Where the run ends on that axis; of seconds, where it will while it goes on.
  /** @param {Unit} unit */
  endAt(unit) {
    if (unit !== "seconds") return this.at(this.started?.total_steps ?? this.summary?.total_steps ?? 0, unit)
    return (this.latest?.seconds ?? 0) + (this.live ? (this.latest?.seconds_left ?? 0) : 0)
  }

  /** @param {number} position @param {Unit} unit */
  stepAt(position, unit) {
    if (unit === "epoch") return position * (this.started?.steps_per_epoch || 1)
    if (unit === "macs") return position / this.stepMacs
    return unit === "seconds" ? interpolate(this.clock.seconds, this.clock.steps, position) : position
  }
}

/** @type {(from: number[], to: number[], value: number) => number} */
function interpolate(from, to, value) {
  let high = from.findIndex((known) => known >= value)
  if (high === 0) return to[0]
  if (high < 0) high = from.length - 1
  if (high === 0) return to[0]
  const share = (value - from[high - 1]) / (from[high] - from[high - 1] || 1)
  return to[high - 1] + share * (to[high] - to[high - 1])
}
