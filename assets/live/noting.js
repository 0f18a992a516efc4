// A note on what is shown: at the step of a run, or at the layer that is looked at there. It is kept with the view.
import { el, say } from "../shared/dom.js"
import { whole } from "../shared/format.js"

/** @import { DashboardData } from "../told.js" */
/** @import { Context, Env, Run } from "./types.js" */

export class Noting {
  /** @type {Context | null} what was shown when it was opened */
  context = null
  /** @type {string | undefined} the browser's own name of the note that is on its way */
  sent

  /** @param {Pick<Env, "note">} env */
  constructor(env) {
    this.env = env
    this.title = el("strong", {})
    this.runs = el("select", { class: "ds-picked", "aria-label": "The run that it is about" })
    this.runs.addEventListener("change", () => this.name())
    this.at = el("input", { type: "checkbox" })
    this.layer = el("span", {})
    this.text = el("textarea", {
      rows: "3",
      required: true,
      dir: "auto",
      "aria-label": "What is to be remembered here",
      placeholder: "What is to be remembered here",
      onkeydown: (event) => (event.ctrlKey || event.metaKey) && event.key === "Enter" && this.form.requestSubmit(),
    })
    this.form = el(
      "form",
      { class: "dl-notes dl-noting", id: "dl-noting", hidden: true, onsubmit: (event) => this.save(event) },
      el("div", { class: "dl-noting-head" }, this.title, this.runs),
      this.text,
      el(
        "div",
        { class: "dl-noting-head" },
        el("label", {}, this.at, this.layer),
        el("button", { type: "submit", class: "dl-back", text: "Save note" }),
      ),
    )
    this.button = el("button", {
      type: "button",
      class: "dl-back",
      text: "Pin a note",
      title: "Write something at this step, kept with what is seen",
      "aria-controls": "dl-noting",
      onclick: () => this.open(Boolean(this.form.hidden)),
    })
    this.node = el("div", { class: "dl-noted" }, this.button, this.form)
    this.node.hidden = !env.note
    this.open(false)
  }

  /** @param {Context} context */
  follow(context) {
    this.shown = context
    this.button.disabled = !context.runs.some(({ store }) => store.started)
  }

  /** @returns {Run[]} those that have begun */
  get choice() {
    return this.context?.runs.filter(({ store }) => store.started) ?? []
  }

  get run() {
    return this.choice.find(({ id }) => id === this.runs.value)
  }

  // The step of a run that is shown.
  /** @param {Run} run */
  step({ store }) {
    return this.context?.moment.of(store) ?? store.lastStep
  }

  // Whether that changed anything. What is shown meanwhile may go on: the note stays where it was opened.
  /** @param {boolean} open */
  open(open) {
    const changes = this.form.hidden === open
    this.form.hidden = !open
    this.button.setAttribute("aria-expanded", String(open))
    if (!open || !changes || !this.shown) return changes
    this.context = this.shown
    this.runs.replaceChildren(...this.choice.map(({ id, label }) => el("option", { value: id, text: label })))
    this.runs.hidden = this.choice.length < 2
    this.at.checked = false
    this.name()
    this.text.focus({ preventScroll: true })
    return changes
  }

  name() {
    const { run } = this
    if (!run) return
    say(this.title, `Note at step ${whole(this.step(run))}`)
    say(this.layer, `at its layer ${this.place(run)}`)
  }

  // The layer that is looked at.
  /** @param {Run} run */
  place({ store }) {
    const layers = store.started?.layers ?? []
    return layers[Math.round((this.context?.picked ?? 0) * (layers.length - 1))] ?? ""
  }

  /** @param {SubmitEvent} event */
  save(event) {
    event.preventDefault()
    const { run } = this
    if (!run || !this.env.note) return
    const layer = this.at.checked ? this.place(run) : ""
    this.sent = this.env.note({ run: run.id, step: this.step(run), layer, text: this.text.value })
    this.open(false)
    this.button.focus({ preventScroll: true })
  }

  // A refused note is still there to be written otherwise; one that was kept is not. Whether it was.
  /** @param {Pick<DashboardData, "refused" | "noted">} data */
  settle({ refused, noted }) {
    if (this.sent && this.sent === refused) this.open(true)
    const kept = Boolean(this.sent) && this.sent === noted
    if (kept) this.text.value = ""
    if (kept || this.sent === refused) this.sent = undefined
    return kept
  }
}
