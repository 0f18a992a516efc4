// What arrays and axes need of numbers.
export const clamp = (value, low, high) => Math.min(high, Math.max(low, value))

export const sum = (values) => values.reduce((total, value) => total + value, 0)

// The largest of values that are none below 0.
export const largest = (values) => values.reduce((most, value) => Math.max(most, value), 0)

// The largest size, whatever its sign.
export const furthest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
