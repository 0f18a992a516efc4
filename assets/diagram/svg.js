// SVG elements, and round numbers for axes.
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

// Round numbers from 0 to at least most, about count of them.
export function ticks(most, count = 5) {
  const rough = most / count
  const power = 10 ** Math.floor(Math.log10(rough || 1))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((value) => value >= rough)
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step)
}
