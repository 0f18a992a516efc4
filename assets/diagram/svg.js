// SVG elements, and numbers for people.
const SVG = "http://www.w3.org/2000/svg"

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") node.textContent = value
    else if (value != null) node.setAttribute(name, value)
  }
  node.append(...children)
  return node
}

export const whole = (value) => value.toLocaleString("en-US")

export function amount(value) {
  for (const [factor, unit] of [[1e12, " T"], [1e9, " G"], [1e6, " M"], [1e3, " k"]]) {
    if (value >= factor) return `${Number((value / factor).toPrecision(3))}${unit}`
  }
  return String(value)
}

export const memory = (bytes) => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`)

// Round numbers from 0 to at least most, about count of them.
export function ticks(most, count = 5) {
  const rough = most / count
  const power = 10 ** Math.floor(Math.log10(rough || 1))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((value) => value >= rough)
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step)
}
