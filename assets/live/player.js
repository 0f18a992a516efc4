// Plays what was measured, one measurement after another, as a film of the training.
import { el } from "../shared/dom.js"
import { setIcon } from "../shared/icons.js"
import { clamp } from "../shared/numbers.js"

/** @import { Env } from "./types.js" */

const SPEEDS = ["0.5", "1", "2", "4"] // times
const LASTS = 20 // s that a long run plays at 1×
const RATES = [2, 8] // measurements a second, of a short and of a long run
const REST = 1500 // ms that the last one stands before the film begins again

// The page's script runs: what it sends is drawn first, and a frame of the film would keep it waiting.
const pageChanges = () =>
  document.querySelector("[data-testid=stApp]")?.getAttribute("data-test-script-state") === "running"

export class Player {
  playing = false
  frame = 0
  began = 0 // ms, when the first measurement would have been shown
  /** @type {number[]} */
  steps = []
  at = 0 // index of the measurement that is shown
  first = 0 // index of the one with which the film begins
  last = 0 // and of the one with which it ends
  nothing = false // the part that was chosen holds no film

  /** @param {Pick<Env, "seek" | "setPlaying" | "setLoop" | "setSpeed" | "view">} env */
  constructor(env) {
    this.env = env
    this.speed = env.view.speed
    /** @type {{ from: number | null, to: number | null }} */
    this.range = env.view
    this.button = el("button", { type: "button", class: "dl-transport dl-play", onclick: () => this.toggle() })
    this.faster = el("button", {
      type: "button",
      class: "dl-back dl-speed",
      title: "Speed of the replay",
      onclick: () => this.quicken(),
    })
    /** @type {(icon: string, label: string, key: string, onclick: () => void) => HTMLButtonElement} */
    const small = (icon, label, key, onclick) => {
      const title = `${label}${key && ` (${key}, while the dashboard has the focus)`}`
      const button = el("button", { type: "button", class: "dl-tool dl-icon", "aria-label": label, title, onclick })
      setIcon(button, icon)
      return button
    }
    this.from = small("from", "Loop from here", "i", () => this.mark("from"))
    this.to = small("to", "Loop to here", "o", () => this.mark("to"))
    this.all = small("close", "Play all of it again", "", () => env.setLoop({ from: null, to: null }))
    const loop = el("div", { class: "dl-loop" }, this.from, this.to, this.all)
    this.node = el("div", { class: "dl-player", role: "group", "aria-label": "Replay" }, this.button, this.faster, loop)
    this.show()
  }

  // The measurements there are, the one that is shown, and the part that is gone round in: null, to its end.
  /** @param {number[]} steps @param {number} at @param {number | null} from @param {number | null} to */
  follow(steps, at, from, to) {
    this.steps = steps
    this.range = { from, to }
    const first = from === null ? 0 : steps.findIndex((step) => step >= from)
    const last = to === null ? steps.length - 1 : steps.findLastIndex((step) => step <= to)
    this.nothing = steps.length > 1 && (first < 0 || first >= last)
    this.first = this.nothing ? 0 : first
    this.last = this.nothing ? steps.length - 1 : last
    this.from.setAttribute("aria-pressed", String(from !== null))
    this.to.setAttribute("aria-pressed", String(to !== null))
    this.all.hidden = from === null && to === null
    if (!this.playing) this.at = at
    this.node.hidden = steps.length < 2
  }

  // What is shown begins or ends the part that is gone round in; an end that would lie before its beginning is dropped.
  /** @param {"from" | "to"} end */
  mark(end) {
    if (this.steps.length < 2) return
    const step = this.steps[this.at]
    const { from, to } = this.range
    if (end === "from") this.env.setLoop({ from: step, to: to !== null && to > step ? to : null })
    else this.env.setLoop({ from: from !== null && from < step ? from : null, to: step })
  }

  toggle() {
    if (this.playing) this.pause()
    else this.play()
  }

  // From the moment that is shown; from the beginning where that is the end, or lies elsewhere.
  play() {
    if (this.playing || this.steps.length < 2) return
    const start = this.at >= this.last || this.at < this.first ? this.first : this.at
    this.playing = true
    this.began = performance.now() - (start - this.first) * this.pace
    this.env.setPlaying(true, this.pace)
    this.show()
    this.turn()
  }

  pause() {
    if (!this.playing) return
    cancelAnimationFrame(this.frame)
    this.playing = false
    this.env.setPlaying(false, this.pace)
    this.show()
  }

  // Where it stands is a function of the time: what a slow machine cannot draw is left out.
  turn() {
    this.frame = requestAnimationFrame((now) => {
      const { first, last } = this
      const index = clamp(first + Math.floor((now - this.began) / this.pace), first, last)
      if (now - this.began > (last - first) * this.pace + REST) this.began = now
      if (index !== this.at && !pageChanges()) {
        this.at = index
        this.env.seek(this.steps[index])
      }
      this.turn()
    })
  }

  // ms of one measurement
  get pace() {
    return 1000 / (clamp(this.steps.length / LASTS, RATES[0], RATES[1]) * Number(this.speed))
  }

  quicken() {
    const pace = this.pace
    this.speed = SPEEDS[(SPEEDS.indexOf(this.speed) + 1) % SPEEDS.length]
    const now = performance.now()
    this.began = now - ((now - this.began) * this.pace) / pace
    if (this.playing) this.env.setPlaying(true, this.pace)
    this.env.setSpeed(this.speed)
    this.show()
  }

  show() {
    setIcon(this.button, this.playing ? "pause" : "play")
    const label = this.playing ? "Pause the replay" : "Replay what was measured"
    this.button.setAttribute("aria-label", label)
    this.button.title = `${label} (space)`
    this.faster.textContent = `${this.speed === "0.5" ? "½" : this.speed}×`
    this.faster.setAttribute("aria-label", `Speed of the replay: ${this.faster.textContent}`)
  }
}
