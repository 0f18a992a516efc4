// The bar of time: the moment that is shown, what happened, and the part that a replay goes round in.
import { el, say } from "../shared/dom.js"
import { amount, duration, whole } from "../shared/format.js"
import { clamp, last } from "../shared/numbers.js"

/** @import { Tick } from "../told.js" */
/** @import { Context, Env, Unit } from "./types.js" */

/** @type {Record<Unit, (position: number) => string>} */
const WORDS = {
  step: (position) => `step ${whole(position)}`,
  epoch: (position) => `epoch ${position.toFixed(1)}`,
  seconds: duration,
  macs: (position) => `${amount(position)} MACs`,
}
/** @type {Record<string, number>} keys of the slider, and how many measurements they go */
const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }

export class TimeBar {
  /** @type {number[]} */
  steps = []
  /** @type {Tick[]} */
  ticks = []
  told = ""
  at = 0 // index of the measurement that is shown
  chosen = 0 // the tick that a press of the tabulator goes to
  end = 1 // of the bar, on its axis
  /** @type {Unit} */
  unit = "step"

  /** @param {Pick<Env, "setCursor" | "stepAt" | "positionOf" | "setLoop">} env */
  constructor(env) {
    this.env = env
    this.slider = el("input", {
      type: "range",
      min: "0",
      step: "any",
      value: "0",
      class: "dl-slider",
      "aria-label": "Step that all views show",
      title: "Shift and drag: a part that the replay goes round in",
      "data-testid": "cursor-slider",
      oninput: () => this.go(closest(this.steps, this.env.stepAt(Number(this.slider.value)))),
      onkeydown: (event) => this.key(event),
    })
    this.band = el("div", { class: "dl-band", "data-testid": "loop", hidden: true })
    this.marks = el("div", { class: "dl-ticks", role: "group", "aria-label": "What happened, on the bar of time" })
    this.bubble = el("div", { class: "dl-bubble", hidden: true, "aria-hidden": "true" })
    this.place = el("span", { class: "dl-place" })
    this.node = el(
      "div",
      { class: "dl-timebar" },
      el("div", { class: "dl-rail" }, this.band, this.slider, this.marks, this.bubble),
      this.place,
    )
    this.slider.addEventListener("pointerdown", (event) => this.drag(event))
  }

  // The newest moment is followed, others are chosen.
  /** @param {number} index */
  go(index) {
    this.env.setCursor(index >= this.steps.length - 1 ? null : this.steps[Math.max(index, 0)])
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const by = KEYS[event.key]
    const pages = event.key === "PageUp" ? 1 : event.key === "PageDown" ? -1 : 0
    if (!by && !pages) return
    event.preventDefault()
    if (by) return this.go(this.at + by)
    const here = this.steps[this.at]
    const places = this.ticks.map(({ step }) => this.steps[closest(this.steps, step)])
    const next = pages > 0 ? places.find((step) => step > here) : places.findLast((step) => step < here)
    if (next !== undefined) this.go(this.steps.indexOf(next))
  }

  // With the shift key, a drag chooses the part that the replay goes round in; a press alone, all of it.
  /** @param {PointerEvent} event */
  drag(event) {
    if (!event.shiftKey || this.steps.length < 2) return
    event.preventDefault()
    const start = this.under(event)
    /** @param {PointerEvent} moved */
    const move = (moved) => {
      const ends = [start, this.under(moved)].sort((one, other) => one - other)
      this.env.setLoop(ends[0] < ends[1] ? { from: ends[0], to: ends[1] } : { from: null, to: null })
    }
    const up = () => {
      window.removeEventListener("pointermove", move)
      window.removeEventListener("pointerup", up)
    }
    move(event)
    window.addEventListener("pointermove", move)
    window.addEventListener("pointerup", up)
  }

  // The measured step under the pointer.
  /** @param {PointerEvent} event */
  under({ clientX }) {
    const { left, width } = this.slider.getBoundingClientRect()
    const share = clamp((clientX - left) / width, 0, 1)
    return this.steps[closest(this.steps, this.env.stepAt(share * this.end))]
  }

  // Where a step lies on the bar, from 0 to 1.
  /** @param {number} step */
  share(step) {
    return clamp(this.env.positionOf(step) / this.end, 0, 1)
  }

  /** @param {Context} context @param {number} at index of the measurement that is shown */
  draw({ moments: { steps, ticks }, unit, from, to }, at) {
    Object.assign(this, { steps, at, unit })
    this.end = Math.max(this.env.positionOf(Math.max(last(steps) ?? 0, ticks.at(-1)?.step ?? 0)), 1e-9)
    const position = at >= steps.length - 1 ? this.end : this.env.positionOf(steps[at])
    this.slider.max = String(this.end)
    this.slider.disabled = steps.length < 2
    if (Number(this.slider.value) !== position) this.slider.value = String(position)
    const step = steps[at] ?? 0
    const place = WORDS[unit](this.env.positionOf(step))
    this.slider.setAttribute("aria-valuetext", unit === "step" ? place : `step ${whole(step)}, ${place}`)
    this.place.hidden = unit === "step" // which stands beside it already
    say(this.place, place)
    this.drawBand(from, to)
    this.drawTicks(ticks)
  }

  /** @param {number | null} from @param {number | null} to */
  drawBand(from, to) {
    this.band.hidden = from === null && to === null
    if (this.band.hidden) return
    this.band.style.setProperty("--from", String(this.share(from ?? 0)))
    this.band.style.setProperty("--to", String(to === null ? 1 : this.share(to)))
  }

  /** @param {Tick[]} ticks */
  drawTicks(ticks) {
    const told = `${this.unit} ${this.end} ${JSON.stringify(ticks)}`
    if (told === this.told) return
    this.told = told
    const focused = this.marks.contains(document.activeElement)
    this.ticks = ticks
    this.chosen = clamp(this.chosen, 0, Math.max(ticks.length - 1, 0))
    this.marks.hidden = !ticks.length
    this.marks.replaceChildren(...ticks.map((tick, index) => this.mark(tick, index)))
    if (focused) this.walk(this.chosen)
  }

  /** @param {Tick} tick @param {number} index */
  mark({ step, kind, text }, index) {
    const name = `step ${whole(step)}: ${text}`
    const share = this.share(step)
    const node = el("button", {
      type: "button",
      class: "dl-tick",
      "data-kind": kind,
      "aria-label": name,
      tabindex: index === this.chosen ? "0" : "-1",
      style: `--at: ${share}`,
      onclick: () => this.env.setCursor(step),
      onkeydown: (event) => this.turn(event),
    })
    const show = () => this.show(name, share)
    node.addEventListener("pointerenter", show)
    node.addEventListener("pointerleave", () => this.show("", 0))
    node.addEventListener("focus", () => {
      this.chosen = index
      show()
    })
    node.addEventListener("blur", () => this.show("", 0))
    return node
  }

  // From tick to tick; a press shows its step in all views.
  /** @param {KeyboardEvent} event */
  turn(event) {
    const by = KEYS[event.key]
    const to = by ? this.chosen + by : event.key === "Home" ? 0 : event.key === "End" ? this.ticks.length - 1 : null
    if (to === null) return
    event.preventDefault()
    event.stopPropagation()
    this.walk(clamp(to, 0, this.ticks.length - 1))
  }

  /** @param {number} index */
  walk(index) {
    const nodes = /** @type {HTMLElement[]} */ ([...this.marks.children])
    for (const [place, node] of nodes.entries()) node.tabIndex = place === index ? 0 : -1
    nodes[index]?.focus()
  }

  /** @param {string} name @param {number} share */
  show(name, share) {
    this.bubble.hidden = !name
    say(this.bubble, name)
    this.bubble.style.setProperty("--at", String(share))
  }
}

/** @type {(steps: number[], wanted: number) => number} index of the nearest one */
export function closest(steps, wanted) {
  let best = 0
  steps.forEach((step, index) => {
    if (Math.abs(step - wanted) < Math.abs(steps[best] - wanted)) best = index
  })
  return best
}
