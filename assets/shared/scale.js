// Axis ranges that do not twitch: they move in few, round steps.
import { short } from "./format.js"
import { isNumber, last } from "./numbers.js"

/** @import { Numbers } from "./numbers.js" */
/** @import { Quantity } from "../vocabulary.js" */

/** @typedef {[low: number, high: number]} Range */
/**
 * @typedef {object} Scale
 * @property {boolean} log
 * @property {string} colour what a caption says of it
 * @property {(values: Numbers) => Float32Array} place where values lie
 * @property {(steady: Steady, low: number, high: number) => Range} range
 * @property {(range: Range) => Record<string, any>} axis
 * @property {(range: Range) => { tickvals?: number[], ticktext?: string[] }} ticks
 */

const ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]

/** @param {number} value */
export function roundUp(value) {
  if (!(value > 0)) return 1
  const decade = 10 ** Math.floor(Math.log10(value))
  return decade * (ROUND.find((step) => step >= (value / decade) * 0.9999) ?? 10)
}

// Round numbers from 0 to at least most, about count of them.
/** @type {(most: number, count?: number) => number[]} */
export function ticksTo(most, count = 5) {
  const step = stepOf(most / count)
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step)
}

// Round numbers within a range, about count of them.
/** @type {(range: Range, count?: number) => number[]} */
export function ticksWithin([low, high], count = 5) {
  const step = stepOf((high - low) / count)
  const first = Math.ceil(low / step)
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) => (first + index) * step)
}

// The next larger of 1, 2, 2.5, 5 times a power of ten.
/** @param {number} rough */
function stepOf(rough) {
  const power = 10 ** Math.floor(Math.log10(rough || 1))
  return [1, 2, 2.5, 5].map((factor) => factor * power).find((value) => value >= rough) ?? 10 * power
}

/** @type {(values: Iterable<number | null>) => number[]} */
export const finite = (values) => [...values].filter(isNumber)

/** @type {(values: Iterable<number | null>, share: number) => number} */
export function quantile(values, share) {
  const sorted = Float64Array.from(finite(values)).sort()
  return sorted.length ? sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] : NaN
}

/** @type {(values: Numbers) => Float32Array} */
export const log10 = (values) => Float32Array.from(values, (value) => (value > 0 ? Math.log10(value) : NaN))

// Keeps a range until the data leaves it, or need much less than it for good.
export class Steady {
  constructor() {
    /** @type {number | null} */
    this.low = null
    /** @type {number | null} */
    this.high = null
  }

  // Linear, from 0 to a round number.
  /** @type {(value: number, most?: number) => Range} */
  top(value, most = Infinity) {
    const wanted = Math.min(roundUp(value), most)
    if (this.high === null || wanted > this.high || wanted < 0.55 * this.high) this.high = wanted
    return [0, this.high]
  }

  // Logarithmic: exponents of 1, 2 or 5 times a power of ten, at least `span` apart.
  /** @type {(low: number, high: number, span?: number) => Range} */
  decades(low, high, span = 1) {
    if (!Number.isFinite(low) || !Number.isFinite(high)) return [this.low ?? -span, this.high ?? 0]
    const bottom = notch(low, Math.floor)
    const top = Math.max(notch(high, Math.ceil), notch(bottom + span, Math.round))
    if (this.low === null || bottom < this.low || bottom > this.low + SLACK) this.low = bottom
    if (this.high === null || top > this.high || top < this.high - SLACK) this.high = top
    return [this.low, this.high]
  }
}

const SLACK = 0.75 // decades that may stay empty before a logarithmic range shrinks
const NOTCHES = [0, Math.log10(2), Math.log10(5)]

// Near exponent of 1, 2 or 5 times a power of ten: counted in thirds of a decade.
/** @type {(exponent: number, round: (value: number) => number) => number} */
function notch(exponent, round) {
  const third = round(exponent * 3 + (round === Math.floor ? 1e-6 : -1e-6))
  return Math.floor(third / 3) + NOTCHES[((third % 3) + 3) % 3]
}

const LEAST = 0.6 // decades that a logarithmic scale spans: less would blow up noise
/** @type {Scale} */
const LOGARITHMIC = {
  log: true,
  colour: "logarithmic colour",
  place: log10,
  range: (steady, low, high) => steady.decades(low, high, LEAST),
  axis: (range) => ({ type: "log", ...logAxis(range) }),
  ticks: logTicks,
}

// How a quantity of the vocabulary stands on an axis: where its values lie, and the range, which follows the values on a
// logarithmic axis and is that of all possible ones on a linear one.
/** @type {(quantity: Pick<Quantity, "log" | "ends">) => Scale} */
export function scaleOf({ log, ends }) {
  if (log || !ends) return LOGARITHMIC
  return {
    log: false,
    colour: "",
    place: (values) => Float32Array.from(values),
    range: () => ends,
    axis: (range) => ({ type: "linear", range }),
    ticks: () => ({}),
  }
}

// A time axis ends at a round number just after the newest value, and never after the end of the run.
/** @type {(steady: Steady, newest: number, end: number) => Range} */
export function timeRange(steady, newest, end) {
  const wanted = Math.min(roundUp(newest * 1.02), end || Infinity)
  if (steady.high === null || wanted > steady.high || wanted < 0.5 * steady.high) steady.high = wanted
  return [0, Math.max(steady.high, 1e-9)]
}

const CLOSE = 0.75 // of a step, at which two numbers stand on each other

// Whole layer numbers, at most `count` of them, first and last included.
/** @type {(layers: number, count?: number) => number[]} */
export function layerTicks(layers, count = 6) {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((size) => layers / size <= count) ?? 1000
  const ticks = [1]
  for (let layer = step; layer <= layers; layer += step) if (layer > 1) ticks.push(layer)
  if (layers - last(ticks) < step * CLOSE && layers > last(ticks) && ticks.length > 1) ticks.pop() // for the last layer's
  if (layers > last(ticks)) ticks.push(layers)
  return ticks
}

// Ticks of a logarithmic axis in exponents, written as plain numbers where there are few decades, else `raised`.
/** @param {Range} range @param {(exponent: number) => string} raised @returns {{ tickvals: number[], ticktext: string[] }} */
export function logTicks([low, high], raised = (exponent) => `10<sup>${exponent}</sup>`) {
  const factors = high - low < 2.2 ? [1, 2, 5] : [1]
  const plain = factors.length > 1 || (low > -3.5 && high < 3.5)
  const every = Math.ceil((high - low) / 6)
  const tickvals = []
  const ticktext = []
  for (let exponent = Math.floor(low); exponent <= high; exponent++) {
    for (const factor of exponent % every ? [] : factors) {
      const place = exponent + Math.log10(factor)
      if (place < low - 1e-6 || place > high + 1e-6) continue
      tickvals.push(place)
      ticktext.push(plain ? short(10 ** place) : raised(exponent))
    }
  }
  return { tickvals, ticktext }
}

// The same for an axis of type "log", whose ticks are given as values.
/** @param {Range} range */
export function logAxis(range) {
  const { tickvals, ticktext } = logTicks(range)
  return { range, tickvals: tickvals.map((place) => 10 ** place), ticktext }
}
