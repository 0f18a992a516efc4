// Values to colours, as core/figures/colour_maps.py does it: 256 steps from 0 to the scale, or from -scale to scale.
import { bytesOf } from "../live/decode.js"
import { el } from "../live/dom.js"
import { short } from "../shared/format.js"

const tables = new Map()

// 256 RGB triples from base64, decoded once.
export function tableOf(base64) {
  if (!tables.has(base64)) tables.set(base64, bytesOf(base64))
  return tables.get(base64)
}

export function stepOf(value, scale, diverging) {
  const share = scale > 0 ? value / scale : 0
  return Math.round(255 * Math.min(1, Math.max(0, diverging ? (share + 1) / 2 : share)))
}

// A canvas of width x height pixels, one a value.
export function painted(values, width, height, { table, scale, diverging }) {
  const canvas = el("canvas", { width, height })
  const context = canvas.getContext("2d")
  const image = context.createImageData(width, height)
  for (let index = 0; index < values.length; index++) {
    const from = 3 * stepOf(values[index], scale, diverging)
    image.data.set(table.subarray(from, from + 3), 4 * index)
    image.data[4 * index + 3] = 255
  }
  context.putImageData(image, 0, 0)
  return canvas
}

// One colour where the values are large, nothing where they are 0.
export function veil(values, width, height, colour) {
  const canvas = el("canvas", { width, height })
  const context = canvas.getContext("2d")
  const image = context.createImageData(width, height)
  const most = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1
  for (let index = 0; index < values.length; index++) {
    image.data.set([...colour, 255 * Math.sqrt(Math.abs(values[index]) / most)], 4 * index)
  }
  context.putImageData(image, 0, 0)
  return canvas
}

// A bar with its ends and its unit.
export class ScaleBar {
  constructor() {
    this.bar = el("canvas", { class: "di-bar", width: 256, height: 1 })
    this.low = el("span", {})
    this.middle = el("span", { class: "di-middle" })
    this.high = el("span", {})
    this.node = el(
      "div",
      { class: "di-scale", "data-testid": "scale" },
      this.bar,
      el("div", { class: "di-ends" }, this.low, this.middle, this.high),
    )
  }

  // `ends`: words instead of numbers, where each map has a scale of its own.
  draw({ table, scale, diverging, units, ends = "" }) {
    const steps = Float32Array.from({ length: 256 }, (_, index) => (diverging ? index / 127.5 - 1 : index / 255))
    this.bar.getContext("2d").drawImage(painted(steps, 256, 1, { table, scale: 1, diverging }), 0, 0)
    this.low.textContent = diverging ? (ends ? `−${ends}` : short(-scale, 3)) : "0"
    this.middle.textContent = diverging ? `0 (${units})` : units
    this.high.textContent = ends || short(scale, 3)
  }
}
