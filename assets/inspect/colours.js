// Values to colours, as core/figures/colour_maps.py does it: 256 steps from 0 to the scale, or from -scale to scale.
import { bytesOf } from "../shared/decode.js"
import { el } from "../shared/dom.js"
import { short } from "../shared/format.js"
import { clamp, furthest } from "../shared/numbers.js"
import { contextOf, pixels } from "./canvas.js"

/** @import { Numbers } from "../shared/numbers.js" */

/** @typedef {{ table: Uint8Array, scale: number, diverging: boolean }} Colours */

/** @type {Map<string, Uint8Array>} */
const tables = new Map()

// 256 RGB triples from base64, decoded once.
/** @param {string} base64 */
export function tableOf(base64) {
  const table = tables.get(base64) ?? bytesOf(base64)
  tables.set(base64, table)
  return table
}

/** @type {(value: number, scale: number, diverging: boolean) => number} */
export function stepOf(value, scale, diverging) {
  const share = scale > 0 ? value / scale : 0
  return Math.round(255 * clamp(diverging ? (share + 1) / 2 : share, 0, 1))
}

// A canvas of width x height pixels, one a value.
/** @type {(values: Numbers, width: number, height: number, colours: Colours) => HTMLCanvasElement} */
export function painted(values, width, height, { table, scale, diverging }) {
  return pixels(width, height, (index) => colourAt(table, stepOf(values[index], scale, diverging)))
}

/** @type {(table: Uint8Array, step: number) => Uint8Array} */
export const colourAt = (table, step) => table.subarray(3 * step, 3 * step + 3)

// One colour where the values are large, nothing where they are 0.
/** @type {(values: Numbers, width: number, height: number, colour: number[]) => HTMLCanvasElement} */
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
  /** @param {Colours & { units: string, ends?: string }} colours */
  draw({ table, scale, diverging, units, ends = "" }) {
    const steps = Float32Array.from({ length: 256 }, (_, index) => (diverging ? index / 127.5 - 1 : index / 255))
    contextOf(this.bar).drawImage(painted(steps, 256, 1, { table, scale: 1, diverging }), 0, 0)
    this.low.textContent = diverging ? (ends ? `−${ends}` : short(-scale, 3)) : "0"
    this.middle.textContent = diverging ? `0 (${units})` : units
    this.high.textContent = ends || short(scale, 3)
  }
}
