// Present: the dashboard fills the window, two views at a time, in type for the back row.
import { el } from "../shared/dom.js"

/** @import { Env } from "./types.js" */

const PAIRS = ["1", "2"] // of the four views

export class Stage {
  /** @param {Pick<Env, "present" | "view">} env */
  constructor(env) {
    this.env = env
    this.pair = env.view.present
    /** @type {(text: string, title: string, onclick: () => void) => HTMLButtonElement} */
    const button = (text, title, onclick) => el("button", { type: "button", class: "dl-back", text, title, onclick })
    this.other = button("Other views", "The other two of the four views", () => this.turn())
    this.enter = button("Present", "Fill the window, for a projector", () => this.show(PAIRS[0]))
    this.leave = button("Leave", "Back to the page (Esc)", () => this.show(""))
    this.node = el("div", { class: "dl-stage" }, this.enter, this.other, this.leave)
    this.update()
  }

  get on() {
    return this.pair !== ""
  }

  turn() {
    this.show(PAIRS[(PAIRS.indexOf(this.pair) + 1) % PAIRS.length])
  }

  /** @param {string} pair */
  show(pair) {
    this.pair = pair
    this.update()
    this.env.present(pair)
    const next = this.on ? this.leave : this.enter
    next.focus()
  }

  update() {
    this.enter.hidden = this.on
    this.other.hidden = this.leave.hidden = !this.on
  }
}
