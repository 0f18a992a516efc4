// A picture at each checkpoint of runs, below the bar of time, with which it moves; mounted by core/web/train/strip.py.
import { el } from "../shared/dom.js"
import { percent, whole } from "../shared/format.js"
import { mounting } from "../shared/mount.js"
import { readTheme, visible } from "../shared/theme.js"
import { shown } from "./shown.js"

/** @import { Component } from "../shared/mount.js" */
/** @import { ContentData, Frame, Strip, Strips } from "../told.js" */

const KEYS = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1 })

class Film {
  text = ""
  /** @type {{ strip: Strip, row: HTMLElement, frames: HTMLElement[] }[]} */
  rows = []
  /** @type {number | null} step of the frame that was pressed: the bar may have no moment that is quite so late */
  pressed = null
  moments = "" // that were shown last
  awaits = false // the moment that the press leads to
  follow = () => {
    const moments = JSON.stringify(shown.steps)
    if (moments !== this.moments && !this.awaits) this.pressed = null
    this.moments = moments
    this.awaits = false
    this.move()
  }

  /** @param {Component<ContentData>} component */
  constructor({ parentElement }) {
    this.node = el("div", { class: "st-root", "data-testid": "strip" })
    parentElement.replaceChildren(this.node)
    shown.addEventListener("moment", this.follow)
  }

  /** @param {Component<ContentData>} component */
  update({ data }) {
    if (data.content === this.text) return
    const first = !this.text
    this.text = data.content
    this.draw(JSON.parse(data.content))
    this.move()
    if (first) this.node.scrollIntoView({ block: "end" })
  }

  /** @param {Strips} content */
  draw({ picture, title, strips }) {
    const theme = readTheme(this.node)
    this.rows = strips.map((strip) => {
      const frames = strip.frames.map((frame, index) => this.frame(frame, index))
      const row = el("div", { class: "st-row", role: "group", "aria-label": `Film of ${strip.name}` }, ...frames)
      return { strip, row, frames }
    })
    this.node.replaceChildren(
      el("figure", { class: "st-picture" }, el("img", { src: picture, alt: title }), el("figcaption", { text: title })),
      el(
        "div",
        { class: "st-rows" },
        ...this.rows.flatMap(({ strip, row }) => [
          el(
            "div",
            { class: "st-head" },
            el("i", { style: `background: ${visible(strip.color, theme)}` }),
            el("b", { text: strip.name }),
            el("span", { text: strip.words }),
          ),
          row,
        ]),
      ),
    )
  }

  /** @param {Frame} frame @param {number} index */
  frame({ step, image, said, share, right, guesses, alt }, index) {
    const verdict = right === null ? "" : right ? " st-right" : " st-wrong"
    return el(
      "button",
      {
        type: "button",
        class: `st-frame${verdict}`,
        tabindex: index ? "-1" : "0",
        "aria-label": alt,
        title: alt,
        onclick: () => this.press(step),
        onkeydown: (event) => this.walk(event),
      },
      el("img", { src: image, alt: "" }),
      el("span", { class: "st-said", text: said }),
      el("span", { text: guesses ? `guess, ${percent(share, 0)}` : percent(share, 0) }),
      el("span", { class: "st-step", text: `step ${whole(step)}` }),
    )
  }

  /** @param {number} step */
  press(step) {
    this.pressed = step
    this.awaits = true
    shown.ask(step)
    this.move()
  }

  // From frame to frame.
  /** @param {KeyboardEvent} event */
  walk(event) {
    const by = KEYS[event.key]
    const here = /** @type {HTMLElement} */ (event.currentTarget)
    const next = /** @type {HTMLElement | null} */ (by > 0 ? here.nextSibling : by < 0 ? here.previousSibling : null)
    if (!next) return
    event.preventDefault()
    here.tabIndex = -1
    next.tabIndex = 0
    next.focus()
  }

  // The last frame up to the step that is shown stands out, and is in sight.
  move() {
    for (const { strip, row, frames } of this.rows) {
      const step = this.pressed ?? shown.steps[strip.run] ?? Number.POSITIVE_INFINITY
      const at = Math.max(
        strip.frames.findLastIndex((frame) => frame.step <= step),
        0,
      )
      for (const [index, frame] of frames.entries()) {
        frame.classList.toggle("st-now", index === at)
        frame.toggleAttribute("aria-current", index === at)
      }
      const now = frames[at]
      row.scrollTo({ left: now.offsetLeft - (row.clientWidth - now.offsetWidth) / 2 })
    }
  }

  destroy() {
    shown.removeEventListener("moment", this.follow)
    this.node.remove()
  }
}

export const { mount, unmount } = mounting(Film, new URL("./strip.css", import.meta.url).href)
