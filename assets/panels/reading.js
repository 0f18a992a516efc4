// What the curves of a plot are where the pointer rests.
import { el } from "../shared/dom.js"
import { short } from "../shared/format.js"
import { visible } from "../shared/theme.js"

/** @import { Theme } from "../shared/theme.js" */
/** @import { Drawn } from "./plot.js" */

/** @typedef {{ host: HTMLElement, drawn: Drawn, axis: string, theme: Theme }} Read */

export class Reading {
  /** @param {HTMLElement} room */
  constructor(room) {
    this.line = el("div", { class: "xp-line" })
    this.box = el("div", { class: "xp-reading" })
    room.addEventListener("pointerleave", () => this.away())
  }

  // The plots that are there now.
  /** @param {Read[]} plots */
  over(plots) {
    this.away()
    for (const plot of plots) plot.host.onpointermove = (event) => this.show(plot, event)
  }

  /** @param {Read} plot @param {PointerEvent} event */
  show({ host, drawn: { curves, places, across, top, floor }, axis, theme }, { clientX }) {
    const at = clientX - host.getBoundingClientRect().left
    if (!places.length) return this.away()
    const place = places.reduce((best, x) => (Math.abs(across(x) - at) < Math.abs(across(best) - at) ? x : best))
    this.box.replaceChildren(
      el("b", { text: `${axis.split(" ")[0]} ${place}` }),
      ...curves.flatMap(({ name, x, y, zeros, color }) => {
        const index = Array.prototype.indexOf.call(x, place)
        const value = zeros.includes(place) ? "exactly 0" : short(y[index], 3)
        const ink = visible(color, theme)
        return index < 0 ? [] : [el("span", {}, el("i", { style: `background: ${ink}` }), `${name}: ${value}`)]
      }),
    )
    host.append(this.line, this.box)
    this.line.style.cssText = `left: ${across(place)}px; top: ${top}px; height: ${floor - top}px`
    const room = host.clientWidth - this.box.offsetWidth
    const beside = across(place) + 8
    this.box.style.left = `${beside > room ? Math.max(0, beside - 16 - this.box.offsetWidth) : beside}px`
  }

  away() {
    this.line.remove()
    this.box.remove()
  }
}
