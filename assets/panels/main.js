// A row of the X-ray: columns with a head and a plot each, or heads above one plot; mounted by core/web/xray/columns.py.
import { el, say } from "../shared/dom.js"
import { Download } from "../shared/download.js"
import { ROOM, save } from "../shared/figure.js"
import { mounting } from "../shared/mount.js"
import { lightOf, readTheme, visible } from "../shared/theme.js"
import { drawn } from "./plot.js"
import { Reading } from "./reading.js"

/** @import { Component } from "../shared/mount.js" */
/** @import { Theme } from "../shared/theme.js" */
/** @import { ContentData, Panels as Content, Plot } from "../told.js" */

const GAP = 16 // px between the plots of a figure for a paper
const LATER = 190 // px of room for a plot that is not there yet

class Panels {
  /** @type {Content} */
  content
  text = ""
  of = "" // what the plots were drawn of

  /** @param {Component<ContentData>} component */
  constructor({ parentElement }) {
    this.title = el("h5", {})
    this.legend = el("div", { class: "x-legend" })
    this.grid = el("div", { class: "xp-grid" })
    this.download = new Download((format) => this.save(format))
    this.node = el(
      "section",
      { class: "xp-root" },
      el("header", {}, this.title, this.legend, this.download.node),
      this.grid,
    )
    this.reading = new Reading(this.grid)
    parentElement.replaceChildren(this.node)
    this.sizes = new ResizeObserver(() => this.draw())
    this.sizes.observe(this.grid)
  }

  /** @param {Component<ContentData>} component */
  update({ data }) {
    if (data.content !== this.text) {
      this.text = data.content
      this.content = JSON.parse(data.content)
      say(this.title, this.content.title)
      this.download.node.hidden = !this.content.plots.some(Boolean)
    }
    this.draw()
  }

  draw() {
    const width = this.grid.clientWidth
    if (!this.content || !width) return
    const theme = readTheme(this.node)
    const of = [this.text, theme.background, width].join()
    if (of === this.of) return
    this.of = of
    const { heads, plots, alts, legend } = this.content
    this.legend.replaceChildren(...legend.map((key) => el("span", {}, sampleOf(key, theme), key.name)))
    const named = heads.map((head) => headOf(head, theme))
    const hosts = plots.map(() => el("div", { class: "xp-plot" }))
    const columns =
      plots.length === heads.length
        ? heads.map((_, index) => [named[index], hosts[index]])
        : named.map((node) => [node])
    this.grid.replaceChildren(...columns.map((parts) => el("div", { class: "xp-column" }, ...parts)))
    if (plots.length !== heads.length) this.grid.append(...hosts)
    this.grid.style.setProperty("--columns", String(heads.length))
    this.reading.over(
      plots.flatMap((plot, index) => {
        const host = hosts[index]
        if (!plot) {
          host.append(el("div", { class: "x-later", style: `height: ${LATER}px` }))
          return []
        }
        const found = drawn(plot, { width: host.clientWidth, theme, alt: alts[index] })
        host.append(found.node)
        return [{ host, drawn: found, axis: plot.x, alt: alts[index], theme }]
      }),
    )
  }

  // The row as a figure for a paper.
  /** @param {"svg" | "png"} format */
  save(format) {
    const { title, heads, plots, alts, legend, note, file } = this.content
    const theme = lightOf(readTheme(this.node))
    const known = plots.flatMap((plot, index) =>
      plot ? [{ plot: larger(plot), head: heads[index], alt: alts[index] }] : [],
    )
    const several = plots.length === heads.length
    const width = Math.floor((ROOM - GAP * (known.length - 1)) / known.length)
    const pictures = known.map(({ plot, head, alt }, index) => ({
      text: new XMLSerializer().serializeToString(drawn(plot, { width, theme, alt }).node),
      above: several ? head.name : "",
      x: index * (width + GAP),
      y: 0,
      width,
      height: plot.height,
    }))
    const named = several ? known.map(({ head }) => head) : heads
    const keys = [...named, ...legend].map(({ name, color, dash }) => ({ name, color: visible(color, theme), dash }))
    const told = known.map(({ alt }) => alt).join(" ")
    return save({ title, legend: keys, pictures, note: `${told} ${note}`, theme }, file, format)
  }

  destroy() {
    this.sizes.disconnect()
    this.node.remove()
  }
}

/** @param {Plot} plot @returns {Plot} */
const larger = (plot) => ({ ...plot, height: Math.max(plot.height, 260) })

/** @type {(head: Content["heads"][number], theme: Theme) => HTMLElement} */
const headOf = (head, theme) =>
  el("div", { class: "x-head" }, sampleOf(head, theme), el("b", { text: head.name }), el("div", { text: head.words }))

/** @type {(key: { color: string, dash: string }, theme: Theme) => HTMLElement} */
const sampleOf = ({ color, dash }, theme) => {
  const stroke = { dash: "dashed", dot: "dotted" }[dash] ?? "solid"
  return el("i", { style: `border-top: 4px ${stroke} ${visible(color, theme)}` })
}

export const { mount, unmount } = mounting(Panels, new URL("./panels.css", import.meta.url).href)
