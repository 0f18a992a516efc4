// Axis ranges that do not twitch: they move in few, round steps.
const ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]

export function roundUp(value) {
  if (!(value > 0)) return 1
  const decade = 10 ** Math.floor(Math.log10(value))
  return decade * ROUND.find((step) => step >= (value / decade) * 0.9999)
}

export const finite = (values) => [...values].filter(Number.isFinite)

export function quantile(values, share) {
  const sorted = finite(values).sort((first, second) => first - second)
  return sorted.length ? sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] : NaN
}

export const log10 = (values) => Float32Array.from(values, (value) => (value > 0 ? Math.log10(value) : NaN))

// Keeps a range until the data leaves it, or need much less than it for good.
export class Steady {
  constructor() {
    this.low = null
    this.high = null
  }

  // Linear, from 0 to a round number.
  top(value, most = Infinity) {
    const wanted = Math.min(roundUp(value), most)
    if (this.high === null || wanted > this.high || wanted < 0.55 * this.high) this.high = wanted
    return [0, this.high]
  }

  // Logarithmic: exponents in steps of `step`, at least `span` apart.
  decades(low, high, step = 1, span = 1) {
    if (!Number.isFinite(low) || !Number.isFinite(high)) return [this.low ?? -span, this.high ?? 0]
    const bottom = Math.floor(low / step) * step
    const top = Math.max(Math.ceil(high / step) * step, bottom + span)
    if (this.low === null || bottom < this.low || bottom > this.low + 1.5 * step) this.low = bottom
    if (this.high === null || top > this.high || top < this.high - 1.5 * step) this.high = top
    if (this.high - this.low < span) this.high = this.low + span
    return [this.low, this.high]
  }
}

// A time axis ends at a round number just after the newest value, and never after the end of the run.
export function timeRange(steady, newest, end) {
  const wanted = Math.min(roundUp(newest * 1.02), end || Infinity)
  if (steady.high === null || wanted > steady.high || wanted < 0.5 * steady.high) steady.high = wanted
  return [0, Math.max(steady.high, 1e-9)]
}

// Whole layer numbers, at most `count` of them, first and last included.
export function layerTicks(layers, count = 6) {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((size) => layers / size <= count)
  const ticks = [1]
  for (let layer = step; layer <= layers; layer += step) if (layer > 1) ticks.push(layer)
  if (layers - ticks.at(-1) >= step * 0.6) ticks.push(layers)
  return ticks
}
