// Stacked bars with an axis, as SVG.
import { el, svg } from "../shared/dom.js"
import { last } from "../shared/numbers.js"
import { ticksTo } from "../shared/scale.js"

const LEFT = 62
const TOP = 10
const FOOT = 34

/**
 * @typedef {object} Bar
 * @property {string} label
 * @property {{ value: number, colour: string, title: string }[]} parts from the floor up
 * @property {number} [gap] px before it
 * @property {boolean} [strong]
 * @property {boolean} [always] whether its label stands wherever there is no room for each
 * @property {string} [over] what stands above it
 */
/**
 * @typedef {object} Chart
 * @property {string} caption
 * @property {string} alt
 * @property {Bar[]} bars
 * @property {number} most
 * @property {string} yTitle
 * @property {string} xTitle
 * @property {(value: number) => string} format of ticks
 */

export class Bars {
  constructor() {
    this.art = svg("svg", { role: "img" })
    this.caption = el("p", { class: "da-caption" })
    this.host = el("div", { class: "da-chart" }, this.art)
    this.node = el("figure", { class: "da-figure" }, this.caption, this.host)
  }

  /** @param {Chart} chart */
  draw({ caption, alt, bars, most, yTitle, xTitle, format }) {
    this.caption.textContent = caption
    const width = this.host.clientWidth
    const height = this.host.clientHeight
    if (!width || !height) return
    this.art.setAttribute("viewBox", `0 0 ${width} ${height}`)
    this.art.setAttribute("aria-label", alt)
    const marks = ticksTo(most)
    const scale = (height - TOP - FOOT) / last(marks)
    const floor = height - FOOT
    const gaps = bars.reduce((sum, bar) => sum + (bar.gap ?? 0), 0)
    const pitch = (width - LEFT - 16 - gaps) / bars.length
    const parts = marks.flatMap(
      (mark) =>
        /** @type {SVGElement[]} */ ([
          svg("line", {
            x1: LEFT,
            x2: width - 4,
            y1: floor - mark * scale,
            y2: floor - mark * scale,
            class: "da-grid",
          }),
          svg("text", { x: LEFT - 6, y: floor - mark * scale + 4, class: "da-tick da-right", text: format(mark) }),
        ]),
    )
    const everyLabel = Math.max(1, Math.ceil(26 / pitch))
    let x = LEFT + 4
    bars.forEach((bar, index) => {
      x += bar.gap ?? 0
      let y = floor
      for (const part of bar.parts) {
        const tall = part.value * scale
        y -= tall
        const rect = svg(
          "rect",
          {
            x: x + pitch * 0.08,
            y,
            width: pitch * 0.84,
            height: Math.max(tall, 0.4),
            fill: part.colour,
            class: bar.strong ? "da-bar da-strong" : "da-bar",
          },
          svg("title", { text: part.title }),
        )
        parts.push(rect)
      }
      if (bar.over) parts.push(svg("text", { x: x + pitch / 2, y: y - 4, class: "da-tick", text: bar.over }))
      if (bar.label && (bar.always || index % everyLabel === 0))
        parts.push(svg("text", { x: x + pitch / 2, y: floor + 14, class: "da-tick", text: bar.label }))
      x += pitch
    })
    parts.push(
      svg("text", { x: (LEFT + width) / 2, y: height - 4, class: "da-tick da-axis-title", text: xTitle }),
      svg("text", {
        transform: `translate(12 ${(TOP + floor) / 2}) rotate(-90)`,
        class: "da-tick da-axis-title",
        text: yTitle,
      }),
    )
    this.art.replaceChildren(...parts)
  }
}
