// What the curves of a plot are where the pointer rests, or where the arrow keys lead.
import { el } from "../shared/dom.js"
import { short } from "../shared/format.js"
import { visible } from "../shared/theme.js"

/** @import { Theme } from "../shared/theme.js" */
/** @import { Drawn } from "./plot.js" */

/** @typedef {{ host: HTMLElement, drawn: Drawn, axis: string, alt: string, theme: Theme }} Read */

const HOW = "Left and right walk through it, Esc leaves it"

export class Reading {
  /** @param {HTMLElement} room */
  constructor(room) {
    /** @type {number | null} */
    this.place = null
    this.line = el("div", { class: "xp-line" })
    this.box = el("div", { class: "xp-reading", "aria-live": "polite" })
    room.addEventListener("pointerleave", () => this.away())
  }

  // The plots that are there now.
  /** @param {Read[]} plots */
  over(plots) {
    this.away()
    for (const plot of plots) {
      const { host, alt } = plot
      host.tabIndex = 0
      host.setAttribute("role", "application") // so that a screen reader hands the arrows on
      host.setAttribute("aria-roledescription", "plot")
      host.setAttribute("aria-label", alt)
      host.setAttribute("aria-description", HOW)
      host.onpointermove = (event) => this.point(plot, event)
      host.onkeydown = (event) => this.key(plot, event)
      host.onblur = () => this.away()
    }
  }

  /** @param {Read} plot @param {PointerEvent} event */
  point(plot, { clientX }) {
    const { places, across } = plot.drawn
    const at = clientX - plot.host.getBoundingClientRect().left
    if (!places.length) return this.away()
    const away = places.map((x) => Math.abs(across(x) - at))
    this.show(plot, places[away.indexOf(Math.min(...away))])
  }

  /** @param {Read} plot @param {KeyboardEvent} event */
  key(plot, event) {
    const { places } = plot.drawn
    const end = places.length - 1
    if (event.ctrlKey || event.metaKey || event.altKey || end < 0) return
    if (event.key === "Escape") return this.away()
    const along = { ArrowLeft: -1, ArrowRight: 1, Home: -end, End: end }[event.key]
    if (!along) return
    event.preventDefault()
    const next = this.place === null ? (along < 0 ? end : 0) : places.indexOf(this.place) + along
    this.show(plot, places[Math.min(Math.max(next, 0), end)])
  }

  /** @param {Read} plot @param {number} place */
  show({ host, drawn: { curves, across, top, floor }, axis, theme }, place) {
    this.place = place
    host.append(this.line, this.box)
    this.box.replaceChildren(
      el("b", { text: `${axis.split(" ")[0]} ${place}` }),
      ...curves.flatMap(({ name, x, y, zeros, color }) => {
        const index = Array.prototype.indexOf.call(x, place)
        const value = zeros.includes(place) ? "exactly 0" : short(y[index], 3)
        const ink = visible(color, theme)
        return index < 0 ? [] : [el("span", {}, el("i", { style: `background: ${ink}` }), `${name}: ${value}`)]
      }),
    )
    this.line.style.cssText = `left: ${across(place)}px; top: ${top}px; height: ${floor - top}px`
    const room = host.clientWidth - this.box.offsetWidth
    const beside = across(place) + 8
    this.box.style.left = `${beside > room ? Math.max(0, beside - 16 - this.box.offsetWidth) : beside}px`
  }

  away() {
    this.place = null
    this.line.remove()
    this.box.remove()
  }
}
