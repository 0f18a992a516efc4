// Numbers for people.
const MINUS = "\u2212"
const DIGITS = { 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹", "-": "⁻" }

export const whole = (value) => Math.round(value).toLocaleString("en")

// Two or three digits, with powers of ten where zeros would have to be counted.
export function short(value, digits = 2) {
  if (!Number.isFinite(value)) return "–"
  if (value === 0) return "0"
  const size = Math.abs(value)
  if (size >= 1e5 || size < 1e-3) {
    let exponent = Math.floor(Math.log10(size))
    let mantissa = (value / 10 ** exponent).toFixed(1)
    if (Math.abs(Number(mantissa)) >= 10) {
      exponent += 1
      mantissa = (value / 10 ** exponent).toFixed(1)
    }
    return `${mantissa.replace("-", MINUS)}·10${power(exponent)}`
  }
  if (size >= 1000) return whole(value).replace("-", MINUS)
  return String(Number(value.toPrecision(Math.max(digits, size >= 100 ? 3 : 2)))).replace("-", MINUS)
}

export const power = (exponent) => [...String(exponent)].map((digit) => DIGITS[digit] ?? digit).join("")

export const percent = (share, digits = 1) => (Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : "–")

export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "–"
  const total = Math.max(0, Math.round(seconds))
  if (total < 60) return `${total} s`
  const pad = (value) => String(value).padStart(2, "0")
  if (total < 3600) return `${Math.floor(total / 60)}:${pad(total % 60)} min`
  return `${Math.floor(total / 3600)}:${pad(Math.floor((total % 3600) / 60))} h`
}
