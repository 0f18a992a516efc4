// Plays what was measured, one measurement after another, as a film of the training.
import { el } from "../shared/dom.js"
import { clamp } from "../shared/numbers.js"
import { setIcon } from "./icons.js"

/** @import { Env } from "./types.js" */

const SPEEDS = ["½×", "1×", "2×", "4×"]
/** @type {Record<string, number>} */
const FACTORS = { "½×": 0.5, "1×": 1, "2×": 2, "4×": 4 }
const LASTS = 20 // s that a long run plays at 1×
const RATES = [2, 8] // measurements a second, of a short and of a long run
const REST = 1500 // ms that the last one stands before the film begins again

export class Player {
  playing = false
  frame = 0
  began = 0 // ms, when the first measurement would have been shown
  speed = "1×"
  /** @type {number[]} */
  steps = []
  at = 0 // index of the measurement that is shown

  /** @param {Pick<Env, "seek" | "setPlaying">} env */
  constructor(env) {
    this.env = env
    this.button = el("button", { type: "button", class: "dl-transport dl-play", onclick: () => this.toggle() })
    this.faster = el("button", {
      type: "button",
      class: "dl-back dl-speed",
      title: "Speed of the replay",
      onclick: () => this.quicken(),
    })
    this.node = el("div", { class: "dl-player", role: "group", "aria-label": "Replay" }, this.button, this.faster)
    this.show()
  }

  // The measurements there are, and the one that is shown.
  /** @param {number[]} steps @param {number} at */
  follow(steps, at) {
    this.steps = steps
    if (!this.playing) this.at = at
    this.node.hidden = steps.length < 2
  }

  toggle() {
    if (this.playing) this.pause()
    else this.play()
  }

  // From the moment that is shown; from the beginning where that is the end.
  play() {
    if (this.playing || this.steps.length < 2) return
    const start = this.at >= this.steps.length - 1 ? 0 : this.at
    this.playing = true
    this.began = performance.now() - start * this.pace
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
      const last = this.steps.length - 1
      const index = clamp(Math.floor((now - this.began) / this.pace), 0, last)
      if (now - this.began > last * this.pace + REST) this.began = now
      if (index !== this.at) {
        this.at = index
        this.env.seek(this.steps[index])
      }
      this.turn()
    })
  }

  // ms of one measurement
  get pace() {
    return 1000 / (clamp(this.steps.length / LASTS, RATES[0], RATES[1]) * FACTORS[this.speed])
  }

  quicken() {
    const pace = this.pace
    this.speed = SPEEDS[(SPEEDS.indexOf(this.speed) + 1) % SPEEDS.length]
    const now = performance.now()
    this.began = now - ((now - this.began) * this.pace) / pace
    if (this.playing) this.env.setPlaying(true, this.pace)
    this.show()
  }

  show() {
    setIcon(this.button, this.playing ? "pause" : "play")
    const label = this.playing ? "Pause the replay" : "Replay what was measured"
    this.button.setAttribute("aria-label", label)
    this.button.title = `${label} (space)`
    this.faster.textContent = this.speed
    this.faster.setAttribute("aria-label", `Speed of the replay: ${this.speed}`)
  }
}
