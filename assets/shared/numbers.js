// What arrays and axes need of numbers.
/** @typedef {Iterable<number> & ArrayLike<number>} Numbers */

/** @type {(value: number, low: number, high: number) => number} */
export const clamp = (value, low, high) => Math.min(high, Math.max(low, value))

/** @type {(values: Iterable<number>) => number} */
export const sum = (values) => folded(values, (total, value) => total + value)

/** @param {unknown} value @returns {value is number} */
export const isNumber = (value) => typeof value === "number" && Number.isFinite(value)

// Of a list that has one.
/** @type {<Item>(items: { readonly length: number, readonly [index: number]: Item }) => Item} */
export const last = (items) => items[items.length - 1]

// The largest of values that are none below 0.
/** @type {(values: Iterable<number>) => number} */
export const largest = (values) => folded(values, Math.max)

// The largest size, whatever its sign.
/** @type {(values: Iterable<number>) => number} */
export const furthest = (values) => folded(values, (most, value) => Math.max(most, Math.abs(value)))

/** @type {(values: Iterable<number>, join: (known: number, value: number) => number) => number} */
function folded(values, join) {
  let known = 0
  for (const value of values) known = join(known, value)
  return known
}
