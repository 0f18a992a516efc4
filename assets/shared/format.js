// Numbers for people, by the facts of core/vocabulary/numbers.py.

import vocabulary from "../vocabulary.js"
import { isNumber, last } from "./numbers.js"

const { none, minus, superscripts, plain, large, bytes, nearly, minute, hour } = vocabulary.numbers
const THREE = 3 // digits

/** @type {(text: string) => string} */
const signed = (text) => text.replace("-", minus)

// A number and its percent sign stay on one line.
/** @type {(text: string) => string} */
export const unbroken = (text) => text.replace(/(\d) %/g, "$1\u00a0%")

/** @type {(value: number) => string} */
export const whole = (value) => signed(Math.round(value).toLocaleString("en"))

// Two or three digits, with powers of ten where zeros would have to be counted.
/** @param {number | null | undefined} value */
export function short(value, digits = 2) {
  if (!isNumber(value)) return none
  if (value === 0) return "0"
  const size = Math.abs(value)
  if (size >= plain[0] && size < plain[1]) {
    if (size >= 1000) return whole(value)
    return signed(
      Number(value.toPrecision(Math.max(digits, size >= 100 ? THREE : 2))).toLocaleString("en", {
        maximumSignificantDigits: 12,
      }),
    )
  }
  const [mantissa, exponent] = value.toExponential(1).split("e")
  return signed(`${mantissa}·10${power(Number(exponent))}`)
}

/** @type {(exponent: number) => string} */
export const power = (exponent) => [...String(exponent)].map((digit) => superscripts[digit]).join("")

/** @type {(share: number, digits?: number) => string} */
export const percent = (share, digits = 1) =>
  Number.isFinite(share) ? signed(`${(100 * share).toFixed(digits)} %`) : none

// Three digits and a unit: 40.6 M.
/** @param {number} value */
export function amount(value) {
  /** @type {(number: number) => number} */
  const three = (number) => Number(number.toPrecision(THREE))
  for (const [index, [factor, unit]] of large.entries()) {
    const rounded = three(value / factor)
    if (rounded < 1) continue
    // what rounds up to the next unit's first number is written in that unit
    return rounded >= 1000 && index ? `${rounded / 1000} ${large[index - 1][1]}` : `${rounded} ${unit}`
  }
  return short(value, THREE)
}

/** @param {number} size */
export function memory(size) {
  const [factor, unit, decimals] = bytes.find(([factor]) => size >= nearly * factor) ?? last(bytes)
  return `${(size / factor).toFixed(decimals)} ${unit}`
}

/** @param {number | null | undefined} seconds */
export function duration(seconds) {
  if (!isNumber(seconds)) return none
  const total = Math.max(0, Math.round(seconds))
  /** @type {(value: number) => string} */
  const two = (value) => String(value).padStart(2, "0")
  if (total < minute) return `${total} s`
  if (total < hour) return `${Math.floor(total / minute)} min ${two(total % minute)} s`
  return `${Math.floor(total / hour)} h ${two(Math.floor((total % hour) / minute))} min`
}
