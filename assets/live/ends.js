// Names at the right ends of curves, in their colours, none over another.
import { fade, readable } from "../shared/theme.js"

/** @import { Layout, Range, Theme } from "./types.js" */

const SIZE = 12 // px
const LARGE = 18 // px, for a projector
const GAP = 6 // px between a curve and its name
const WIDEST = 150 // px of a name that still leaves room for the curves

/**
 * Where a curve ends: x on the time axis, y as its axis counts (exponents on a logarithmic one).
 * @typedef {object} End
 * @property {string} id of the run, or of all runs of a band
 * @property {string} name
 * @property {string} color
 * @property {number} x
 * @property {number} y
 */

/** @param {Theme} theme */
export const sizeOf = ({ scale }) => (scale > 1 ? LARGE : SIZE)

// px that the longest name takes beside its curve; Infinity where it is too long to stand there.
/** @param {string[]} names @param {Theme} theme */
export function widthOf(names, theme) {
  const pen = document.createElement("canvas").getContext("2d")
  if (!pen || !names.length) return Infinity
  pen.font = `${sizeOf(theme)}px ${theme.font}`
  const width = Math.max(...names.map((name) => pen.measureText(name).width)) + GAP + 4
  return width > WIDEST * theme.scale ? Infinity : Math.ceil(width)
}

// Whether so many names can stand below each other in `height` px.
/** @type {(count: number, height: number, theme: Theme) => boolean} */
export const stack = (count, height, theme) => count * lineOf(theme) <= height

/** @param {Theme} theme */
const lineOf = (theme) => sizeOf(theme) + 2

// A name as Plotly shows it letter by letter, who reads markup in texts.
/** @param {string} name */
export const plain = (name) => name.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

// Annotations of one plot that is `height` px high and shows `range` of its axis.
/** @type {(ends: End[], axes: { xref: string, yref: string }, range: Range, height: number, theme: Theme) => Layout[]} */
export function labels(ends, { xref, yref }, [low, high], height, theme) {
  const wanted = ends.map(({ y }) => (height * (high - Math.min(Math.max(y, low), high))) / (high - low))
  const placed = apart(wanted, lineOf(theme), height)
  return ends.map(({ id, name, color, x, y }, index) => ({
    name: id,
    text: plain(name),
    xref,
    yref,
    x,
    y: Math.min(Math.max(y, low), high),
    xanchor: "left",
    xshift: GAP,
    yshift: wanted[index] - placed[index],
    showarrow: false,
    bgcolor: fade(theme.background, 0.7), // a curve that ended early has others behind its name
    borderpad: 0,
    font: { size: sizeOf(theme), color: readable(color, theme) },
  }))
}

// Places as near as possible to those wanted, in the same order, at least `size` apart and within 0 to `height`: what
// would collide is moved apart around its middle (the pooling of isotonic regression).
/** @type {(wanted: number[], size: number, height: number) => number[]} */
export function apart(wanted, size, height) {
  const order = [...wanted.keys()].sort((first, second) => wanted[first] - wanted[second])
  /** @type {{ sum: number, count: number }[]} */
  const pools = []
  order.forEach((index, place) => {
    let pool = { sum: wanted[index] - place * size, count: 1 }
    for (let before = pools.at(-1); before && mean(before) >= mean(pool); before = pools.at(-1)) {
      pools.pop()
      pool = { sum: pool.sum + before.sum, count: pool.count + before.count }
    }
    pools.push(pool)
  })
  const lowest = height - size / 2 - (wanted.length - 1) * size
  const places = pools.flatMap((pool) => new Array(pool.count).fill(Math.max(size / 2, Math.min(mean(pool), lowest))))
  /** @type {number[]} */
  const found = new Array(wanted.length)
  order.forEach((index, place) => (found[index] = places[place] + place * size))
  return found
}

/** @param {{ sum: number, count: number }} pool */
const mean = ({ sum, count }) => sum / count
