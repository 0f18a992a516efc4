// Pictures of numbers on a canvas, and where the pointer is on one.
import { el } from "../shared/dom.js"
import { clamp } from "../shared/numbers.js"

/** @typedef {[row: number, column: number]} Cell */

// A canvas of width x height pixels; `colourOf` gives the red, green, blue (and opacity, up to 255) of each by its index.
/** @type {(width: number, height: number, colourOf: (index: number) => ArrayLike<number>) => HTMLCanvasElement} */
export function pixels(width, height, colourOf) {
  const canvas = el("canvas", { width, height })
  const context = contextOf(canvas)
  const image = context.createImageData(width, height)
  image.data.fill(255)
  for (let index = 0; index < width * height; index++) image.data.set(colourOf(index), 4 * index)
  context.putImageData(image, 0, 0)
  return canvas
}

/** @param {HTMLCanvasElement} canvas */
export const contextOf = (canvas) => /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"))

// Row and column of the cell under the pointer, on a canvas that shows so many.
/** @type {(canvas: Element, event: MouseEvent, rows: number, columns: number) => Cell} */
export function cellAt(canvas, event, rows, columns) {
  const box = canvas.getBoundingClientRect()
  /** @type {(from: number, length: number, cells: number) => number} */
  const cell = (from, length, cells) => clamp(Math.floor((from / length) * cells), 0, cells - 1)
  return [cell(event.clientY - box.top, box.height, rows), cell(event.clientX - box.left, box.width, columns)]
}
