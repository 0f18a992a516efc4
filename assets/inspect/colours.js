// Values to colours, as core/figures/colour_maps.py does it: 256 steps from 0 to the scale, or from -scale to scale.
import { bytesOf } from "../shared/decode.js"
import { el } from "../shared/dom.js"
import { short } from "../shared/format.js"
import { clamp, furthest } from "../shared/numbers.js"
import { pixels } from "./canvas.js"

const tables = new Map()

// 256 RGB triples from base64, decoded once.
export function tableOf(base64) {
  if (!tables.has(base64)) tables.set(base64, bytesOf(base64))
  return tables.get(base64)
}

export function stepOf(value, scale, diverging) {
  const share = scale > 0 ? value / scale : 0
  return Math.round(255 * clamp(diverging ? (share + 1) / 2 : share, 0, 1))
}

// A canvas of width x height pixels, one a value.
export function painted(values, width, height, { table, scale, diverging }) {
  return pixels(width, height, (index) => colourAt(table, stepOf(values[index], scale, diverging)))
}

export const colourAt = (table, step) => table.subarray(3 * step, 3 * step + 3)

// One colour where the values are large, nothing where they are 0.
export function veil(values, width, height, colour) {
  const most = furthest(values) || 1
  return pixels(width, height, (index) => [...colour, 255 * Math.sqrt(Math.abs(values[index]) / most)])
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
