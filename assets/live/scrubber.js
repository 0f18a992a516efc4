// One cursor for all views: the newest step, or one that the viewer chose.
import { el, say } from "../shared/dom.js"
import { percent, short, whole } from "../shared/format.js"
import { Notes } from "./notes.js"
import { Player } from "./player.js"
import { Stage } from "./stage.js"
import { Story } from "./story.js"
import { clipsAt, threadsOf } from "./words.js"
/** @import { Context, Env, Run } from "./types.js" */

export class Scrubber {
  /** @param {Pick<Env, "setCursor" | "seek" | "setPlaying" | "present" | "view" | "point">} env */
  constructor(env) {
    this.env = env
    /** @type {number[]} */
    this.steps = []
    this.slider = el("input", {
      type: "range",
      min: "0",
      value: "0",
      class: "dl-slider",
      "aria-label": "Step that all views show",
      "data-testid": "cursor-slider",
      oninput: () => this.slide(),
    })
    this.text = el("span", { class: "dl-shown" })
    this.back = el("button", {
      type: "button",
      class: "dl-back",
      text: "back to live",
      onclick: () => env.setCursor(null),
    })
    this.chip = el("div", { class: "dl-cursor", "data-testid": "cursor-chip" }, this.text, this.back)
    this.notes = new Notes()
    this.player = new Player(env)
    this.stage = new Stage(env)
    this.story = new Story(env)
    this.node = el(
      "footer",
      { class: "dl-footer" },
      this.chip,
      this.player.node,
      this.slider,
      this.notes.node,
      this.story.node,
      this.stage.node,
    )
  }

  slide() {
    const index = Number(this.slider.value)
    this.env.setCursor(index >= this.steps.length - 1 ? null : this.steps[index])
  }

  /** @param {Context} context */
  draw({ runs, cursor, moments, lost }) {
    this.steps = moments.steps
    const last = Math.max(this.steps.length - 1, 0)
    this.slider.max = String(last)
    this.slider.disabled = !last
    const nearest = cursor === null ? last : closest(this.steps, cursor)
    if (this.slider.value !== String(nearest)) this.slider.value = String(nearest)
    this.player.follow(this.steps, nearest)
    this.slider.setAttribute("aria-valuetext", `step ${whole(this.steps[nearest] ?? 0)}`)
    const live = runs.some(({ store }) => store.live)
    const newest = live ? "live: all views follow the newest step" : "all views show the last step"
    say(this.text, cursor === null ? moments.held || newest : `all views show step ${whole(cursor)}`)
    this.back.hidden = cursor === null
    say(this.back, live ? "back to live" : "back to the last step")
    this.chip.classList.toggle("dl-past", cursor !== null)
    this.chip.classList.toggle("dl-live", cursor === null && live)
    this.story.show(moments.story)
    const told = [elsewhere, rated, clipped, refitted].flatMap((of) => runs.map(of)).filter(Boolean)
    if (runs.some(({ store }) => store.threads)) told.push(REFITTED)
    this.notes.show(lost ? ["connection lost, retrying …"] : told)
  }
}

/** @typedef {(run: Run, index: number, runs: Run[]) => string} Note */

const REFITTED =
  "A run whose number of threads changed is no longer bit for bit one with a fixed number: More, Threads fixes it."

// Of several runs a note says which it is of.
/** @type {(label: string, runs: unknown[], text: string) => string} */
const named = (label, runs, text) => (text && runs.length > 1 ? `${label}: ${text}` : text)

// Why a run is not on a GPU that is there.
/** @type {Note} */
export function elsewhere({ store: { started }, label }, _, runs) {
  return named(label, runs, started?.device_note ?? "")
}

// What comes of a learning rate that was set by hand, while it may still come.
/** @type {Note} */
export function rated({ store: { rate, live, started }, label }, _, runs) {
  if (!rate?.first || !rate.until || !live || !started) return ""
  const asked = named(label, runs, `learning rate ${short(Number(rate.applied), 3)}`)
  if (rate.until >= started.total_steps) return `${asked} from step ${whole(rate.first)} to the end`
  const steps =
    rate.until > rate.first ? `from step ${whole(rate.first)} to ${whole(rate.until)}` : `at step ${whole(rate.first)}`
  return `${asked} ${steps}, then falling with the schedule to ${short(rate.end, 2)}`
}

// How often clipping bites, where it is on.
/** @type {Note} */
export function clipped({ store, label }, _, runs) {
  const share = store.latest?.clipped
  if (share == null) return ""
  return named(label, runs, `gradient clipped to ${short(clipsAt(store), 3)} in ${percent(share, 0)} of the steps`)
}

// What became of a run's threads, where their number changed.
/** @type {Note} */
export function refitted({ store: { threads }, label }, _, runs) {
  if (!threads) return ""
  return named(label, runs, `${threadsOf(threads.threads)} since step ${whole(threads.step)}: ${threads.why}`)
}

/** @type {(steps: number[], wanted: number) => number} */
function closest(steps, wanted) {
  let best = 0
  steps.forEach((step, index) => {
    if (Math.abs(step - wanted) < Math.abs(steps[best] - wanted)) best = index
  })
  return best
}
