// One plot of the X-ray as SVG: curves over whole numbers, on a linear or logarithmic axis.
import { numbersOf } from "../shared/decode.js"
import { svg } from "../shared/dom.js"
import { DASHES } from "../shared/figure.js"
import { power, short } from "../shared/format.js"
import { layerTicks, logTicks, ticksWithin } from "../shared/scale.js"
import { visible } from "../shared/theme.js"

/** @import { Theme } from "../shared/theme.js" */
/** @import { Curve, Plot } from "../told.js" */

const SIZE = 12 // px of letters
const LETTER = 6.8 // px of one, at most
const TOP = 8 // px above the plot
const RIGHT = 10
const FOOT = 38 // for ticks and the title of x
const EVERY = 8 // as many places on x have a tick each
const MARK = 3 // px
const LINE = 2

/**
 * A curve whose numbers are read.
 * @typedef {Omit<Curve, "x" | "y"> & { x: ArrayLike<number>, y: ArrayLike<number> }} Read
 */
/**
 * A plot, and what is where in it.
 * @typedef {object} Drawn
 * @property {SVGSVGElement} node
 * @property {Read[]} curves
 * @property {number[]} places all x, in order
 * @property {(x: number) => number} across px
 * @property {number} top px
 * @property {number} floor px
 */

/** @type {(plot: Plot, size: { width: number, theme: Theme, alt: string }) => Drawn} */
export function drawn(plot, { width, theme, alt }) {
  const { height, log, range } = plot
  const curves = plot.curves.map((curve) => ({ ...curve, x: numbersOf(curve.x), y: numbersOf(curve.y) }))
  const places = [...new Set(curves.flatMap(({ x }) => [...x]))].sort((first, second) => first - second)
  const ticks = log ? logTicks(range, (exponent) => `10${power(exponent)}`) : linear(range)
  const left = SIZE + 16 + LETTER * Math.max(...ticks.ticktext.map(({ length }) => length))
  const floor = height - FOOT
  const [first, last] = ends(places, curves)
  /** @param {number} x */
  const across = (x) => left + ((x - first) / (last - first)) * (width - RIGHT - left)
  /** @param {number} place exponents on a log axis */
  const down = (place) => floor - ((place - range[0]) / (range[1] - range[0])) * (floor - TOP)
  /** @param {number} value */
  const high = (value) => down(log ? Math.log10(value) : value)
  const inks = { fill: theme.muted, "font-size": SIZE, "font-family": theme.font }
  const node = svg(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": alt },
    ...ticks.tickvals.flatMap((place, index) => [
      svg("line", { x1: left, x2: width - RIGHT, y1: down(place), y2: down(place), stroke: theme.grid }),
      svg("text", { x: left - 6, y: down(place) + 4, "text-anchor": "end", ...inks, text: ticks.ticktext[index] }),
    ]),
    svg("line", { x1: left, x2: width - RIGHT, y1: floor, y2: floor, stroke: theme.line }),
    ...whole(places).map((x) =>
      svg("text", { x: across(x), y: floor + 15, "text-anchor": "middle", ...inks, text: String(x) }),
    ),
    svg("text", { x: (left + width - RIGHT) / 2, y: height - 5, "text-anchor": "middle", ...inks, text: plot.x }),
    svg("text", {
      transform: `translate(${SIZE} ${(TOP + floor) / 2}) rotate(-90)`,
      "text-anchor": "middle",
      ...inks,
      text: plot.y,
    }),
    ...(plot.level === null ? [] : [level(left, width - RIGHT, high(plot.level), theme)]),
    ...curves.map((curve) => drawnCurve(curve, across, high, floor, theme)),
  )
  return { node, curves, places, across, top: TOP, floor }
}

/** @type {(range: [number, number]) => { tickvals: number[], ticktext: string[] }} */
function linear(range) {
  const tickvals = ticksWithin(range)
  return { tickvals, ticktext: tickvals.map((value) => short(value)) }
}

// Of the axis of x: half a bar, or a little, around all places.
/** @type {(places: number[], curves: Read[]) => [number, number]} */
function ends(places, curves) {
  const [first, last] = [places[0] ?? 0, places.at(-1) ?? 1]
  const room = first === last || curves.some(({ bars }) => bars) ? 0.6 : 0.02 * (last - first)
  return [first - room, last + room]
}

/** @param {number[]} places */
const whole = (places) =>
  places.length <= EVERY ? places : layerTicks(Number(places.at(-1))).filter((place) => place >= places[0])

/** @type {(left: number, right: number, y: number, theme: Theme) => SVGElement} */
const level = (left, right, y, { muted }) =>
  svg("line", { x1: left, x2: right, y1: y, y2: y, stroke: muted, "stroke-dasharray": DASHES.dot })

/** @type {(curve: Read, across: (x: number) => number, high: (value: number) => number, floor: number, theme: Theme) => SVGElement} */
function drawnCurve({ name, x, y, zeros, color, dash, points, bars }, across, high, floor, theme) {
  const ink = visible(color, theme)
  /** @type {[number, number][]} */
  const known = []
  let path = ""
  let alone = "" // points without a neighbour, which a line does not show
  for (let index = 0; index < x.length; index++) {
    if (!Number.isFinite(y[index])) continue
    const at = /** @type {[number, number]} */ ([across(x[index]), high(y[index])])
    const [before, after] = [index - 1, index + 1].map((other) => Number.isFinite(y[other]))
    known.push(at)
    path += `${before ? "L" : "M"}${fine(at[0])} ${fine(at[1])}`
    if (!before && !after) alone += dotAt(at)
  }
  const parts = bars
    ? known.filter(([, top]) => top < floor).map(([middle, top]) => bar(middle, top, across, floor, ink))
    : [
        svg("path", {
          d: path,
          fill: "none",
          stroke: ink,
          "stroke-width": LINE,
          "stroke-dasharray": DASHES[dash] ?? null,
        }),
        svg("path", { d: points ? known.map(dotAt).join("") : alone, fill: ink }),
      ]
  const crosses = zeros.map((place) => `M${across(place) - MARK} ${floor - MARK}l6 6m0 -6l-6 6`).join("")
  if (crosses)
    parts.push(svg("path", { d: crosses, fill: "none", stroke: ink, "stroke-width": LINE, class: "xp-zeros" }))
  return svg("g", { class: "xp-curve", "data-name": name }, ...parts)
}

/** @type {(middle: number, top: number, across: (x: number) => number, floor: number, ink: string) => SVGElement} */
function bar(middle, top, across, floor, ink) {
  const wide = 0.8 * (across(1) - across(0))
  return svg("rect", {
    x: fine(middle - wide / 2),
    y: fine(top),
    width: fine(wide),
    height: fine(floor - top),
    fill: ink,
  })
}

/** @type {(at: [number, number]) => string} */
const dotAt = ([x, y]) =>
  `M${fine(x - MARK)} ${fine(y)}a${MARK} ${MARK} 0 1 0 ${2 * MARK} 0a${MARK} ${MARK} 0 1 0 ${-2 * MARK} 0`

// To a hundredth of a pixel.
/** @param {number} value */
const fine = (value) => Math.round(100 * value) / 100
