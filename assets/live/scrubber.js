// One cursor for all views: the newest step, or one that the viewer chose.
import { el, say } from "../shared/dom.js"
import { percent, short, whole } from "../shared/format.js"
import { Noting } from "./noting.js"
import { Player } from "./player.js"
import { Remarks } from "./remarks.js"
import { Stage } from "./stage.js"
import { Story } from "./story.js"
import { closest, TimeBar } from "./timebar.js"
import { clipsAt, threadsOf } from "./words.js"
/** @import { Context, Env, Run } from "./types.js" */

export class Scrubber {
  /** @param {Pick<Env, "setCursor" | "seek" | "setPlaying" | "present" | "view" | "point" | "stepAt" | "positionOf" | "setLoop" | "setSpeed" | "attempt" | "note">} env */
  constructor(env) {
    this.env = env
    this.text = el("span", { class: "dl-shown" })
    this.back = el("button", {
      type: "button",
      class: "dl-back",
      text: "back to live",
      onclick: () => env.setCursor(null),
    })
    this.chip = el("div", { class: "dl-cursor", "data-testid": "cursor-chip" }, this.text, this.back)
    this.remarks = new Remarks()
    this.noting = new Noting(env)
    this.player = new Player(env)
    this.bar = new TimeBar(env)
    this.stage = new Stage(env)
    this.story = new Story(env)
    this.node = el(
      "footer",
      { class: "dl-footer" },
      this.chip,
      this.player.node,
      this.bar.node,
      this.noting.node,
      this.remarks.node,
      this.story.node,
      this.stage.node,
    )
  }

  /** @param {Context} context */
  draw(context) {
    const { runs, cursor, moments, lost, from, to } = context
    const { steps } = moments
    const nearest = cursor === null ? Math.max(steps.length - 1, 0) : closest(steps, cursor)
    this.player.follow(steps, nearest, from, to)
    this.bar.draw(context, nearest)
    this.noting.follow(context)
    const live = runs.some(({ store }) => store.live)
    const newest = live ? "live: all views follow the newest step" : "all views show the last step"
    say(this.text, cursor === null ? moments.held || newest : `all views show step ${whole(cursor)}`)
    this.back.hidden = cursor === null
    say(this.back, live ? "back to live" : "back to the last step")
    this.chip.classList.toggle("dl-past", cursor !== null)
    this.chip.classList.toggle("dl-live", cursor === null && live)
    this.story.show(moments.story)
    const told = [elsewhere, unkept, rated, clipped, refitted].flatMap((of) => runs.map(of)).filter(Boolean)
    if (runs.some(({ store }) => store.threads)) told.push(REFITTED)
    if (this.player.nothing) told.push(NOTHING)
    this.remarks.show(lost ? ["connection lost, retrying …"] : told)
  }
}

/** @typedef {(run: Run, index: number, runs: Run[]) => string} Note */

const NOTHING = "The part that the replay should go round in holds fewer than two measurements: it plays all of them."
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

// What is missing in a film.
/** @type {Note} */
export function unkept({ store: { unkept }, label }, _, runs) {
  return unkept ? named(label, runs, `step ${whole(unkept.step)}: ${unkept.message}`) : ""
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
