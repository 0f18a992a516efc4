// One line of state a run: what it is, how it goes, and the transport.
import { el, say } from "../shared/dom.js"
import { duration, short, whole } from "../shared/format.js"
import { setIcon } from "../shared/icons.js"
import vocabulary from "../vocabulary.js"
import { costOf, threadsOf } from "./words.js"

/** @import { State } from "../vocabulary.js" */
/** @import { Control, Summary } from "../told.js" */
/** @import { RunStore } from "./store.js" */
/** @import { CommandKind, Env, Known, Moment } from "./types.js" */

const SILENCE = 10 // s without a sign of life before it is said
const PATIENCE = 20000 // ms until a command that nobody obeyed stops looking pending
/** @type {(status: string) => Partial<State>} */
const stateOf = (status) => vocabulary.states[status] ?? {}

/**
 * A command on its way, and how things stood when it was sent.
 * @typedef {object} Pending
 * @property {string} id
 * @property {CommandKind} kind
 * @property {string | null} value
 * @property {number} since ms
 * @property {string} status
 * @property {number} step
 * @property {number | null} asked
 */

export class StateBar {
  /** @type {Pending | null} */
  pending = null
  /** @type {Moment | undefined} that all views show */
  moment
  /** @type {HTMLElement} */
  applied
  /** @type {HTMLInputElement} */
  input
  /** @type {HTMLButtonElement} */
  apply
  /** @type {HTMLElement} */
  asked
  /** @type {HTMLFormElement} */
  form

  /** @param {Env} env @param {RunStore} store @param {number} index */
  constructor(env, store, index) {
    this.env = env
    this.store = store
    this.index = index
    this.first = index === 0
    /** @type {(kind: CommandKind, label: string, keys: string, id: string) => HTMLButtonElement} */
    const button = (kind, label, keys, id) => {
      const title = this.first && keys ? withKey(label, keys) : label
      return el("button", {
        type: "button",
        class: "dl-transport",
        "aria-label": label,
        title,
        "data-testid": this.id(id),
        onclick: () => this.press(kind),
      })
    }
    this.key = el("span", { class: "dl-chip", "aria-hidden": "true" })
    this.name = env.several
      ? el("button", { type: "button", class: "dl-name", onclick: () => env.hide(store) })
      : el("strong", { class: "dl-name" })
    this.base = el("button", {
      type: "button",
      class: "dl-tool dl-base",
      text: "Δ",
      hidden: !env.several,
      "data-testid": this.id("baseline"),
      onclick: () => env.base(store),
    })
    this.status = el("span", { class: "dl-status", "data-testid": this.id("live-status") })
    this.spoken = el("span", { class: "dl-spoken", role: "status" }) // what a screen reader says: not each second
    this.pause = button("pause", "Pause", "space", "transport-pause")
    this.step = button("step", "Train one minibatch", "→", "transport-step")
    this.stop = button("stop", "Stop and keep a checkpoint", "Shift+S", "transport-stop")
    setIcon(this.pause, "pause")
    setIcon(this.step, "step")
    setIcon(this.stop, "stop")
    this.bar = el("progress", { max: "1", value: "0", "aria-label": "Progress of the run" })
    this.message = el("div", { class: "dl-message", role: "alert", hidden: true })
    this.awaited = el("span", { "data-testid": this.id("live-waits") })
    this.begin = el("button", {
      type: "button",
      class: "dl-apply",
      text: "Begin now",
      title: "Be the next, and pause what is being trained",
      "data-testid": this.id("begin-now"),
      onclick: () => this.send("resume"),
    })
    this.waits = el("div", { class: "dl-message dl-waits", hidden: true }, this.awaited, this.begin)
    /** @type {Record<string, HTMLElement>} */
    this.facts = {}
    /** @type {Record<string, HTMLElement>} */
    this.labels = {}
    /** @type {(name: string, label: string, id: string) => HTMLElement} */
    const fact = (name, label, id) => {
      this.labels[name] = el("span", { class: "dl-label", text: label })
      this.facts[name] = el("span", { class: "dl-value", "data-testid": id && this.id(id) })
      return el("div", { class: `dl-fact dl-fact-${name}` }, this.labels[name], this.facts[name])
    }
    this.numbers = el(
      "div",
      { class: "dl-facts" },
      fact("step", "epoch", "live-step"),
      fact("speed", "device", "live-speed"),
      fact("left", "time left", "live-left"),
      fact("watching", "watching costs", "live-watching"),
    )
    this.node = el(
      "div",
      { class: "dl-state", "data-testid": this.id("state"), "data-run": store.id },
      el("div", { class: "dl-who" }, this.key, el("div", {}, this.name, this.status, this.spoken), this.base),
      el("div", { class: "dl-buttons", role: "group", "aria-label": "Transport" }, this.pause, this.step, this.stop),
      this.numbers,
      this.message,
      this.waits,
      this.rate(),
      this.bar,
    )
  }

  /** @param {string} name */
  id(name) {
    return this.first ? name : `${name}-${this.index + 1}`
  }

  rate() {
    this.applied = el("span", { class: "dl-value", "data-testid": this.id("lr-applied") })
    this.input = el("input", {
      type: "text",
      inputmode: "decimal",
      size: "6",
      "aria-label": "Learning rate to ask for",
      "data-testid": this.id("lr-input"),
      autocomplete: "off",
    })
    this.apply = el("button", {
      type: "submit",
      class: "dl-apply",
      text: "Set",
      "aria-label": "Ask for this learning rate",
      "data-testid": this.id("lr-apply"),
    })
    this.asked = el("span", { class: "dl-label dl-asked", "data-testid": this.id("lr-asked") })
    this.form = el(
      "form",
      { class: "dl-rate", novalidate: true, onsubmit: (event) => this.submit(event) },
      el("div", { class: "dl-fact" }, el("span", { class: "dl-label", text: "learning rate" }), this.applied),
      el("div", { class: "dl-fact" }, this.asked, this.input),
      this.apply,
    )
    return this.form
  }

  /** @param {SubmitEvent} event */
  submit(event) {
    event.preventDefault()
    const typed = this.input.value.trim() // read by the server, as every number of the lab is
    this.input.setAttribute("aria-invalid", String(!typed))
    if (!typed) return this.input.focus()
    this.input.value = ""
    this.send("lr", typed)
  }

  // The server refused a command, and has said why: a rate can be mended where it was typed.
  /** @param {string | null} id */
  refused(id) {
    if (!id || this.pending?.id !== id) return
    const { kind, value } = this.pending
    this.pending = null
    if (kind === "lr") {
      this.input.value = value ?? ""
      this.input.setAttribute("aria-invalid", "true")
    }
    this.draw()
    if (kind === "lr") this.input.focus()
  }

  // A transport button or its key; ignored while it makes no sense.
  /** @param {CommandKind} kind */
  press(kind) {
    const button = { pause: this.pause, resume: this.pause, step: this.step, stop: this.stop, lr: this.apply }[kind]
    if (button.disabled) return
    this.send(kind === "pause" && this.resumable ? "resume" : kind)
  }

  /** @param {CommandKind} kind @param {string | null} value */
  send(kind, value = null) {
    const { id: run, lastStep: step, summary } = this.store
    if (!summary) return
    const { status, lr_asked: asked } = summary
    const id = this.env.command({ run, kind, value })
    this.pending = { id, kind, value, since: Date.now(), status, step, asked }
    this.draw()
  }

  get resumable() {
    const { summary } = this.store
    if (!summary || summary.recorded) return false // nobody trains a recording
    const { status } = summary
    return status === "paused" || Boolean(stateOf(status).resumable)
  }

  // Its turn has not come.
  get waiting() {
    return this.store.summary?.status === "queued" && Boolean(this.store.summary.waits)
  }

  // The command is on its way until the run shows that it obeyed, or for so long that it will not.
  /** @param {Summary} summary */
  checkPending(summary) {
    if (!this.pending) return
    const { kind, since, status, step, asked } = this.pending
    const obeyed = {
      pause: summary.status !== status,
      resume: summary.status !== status,
      stop: stateOf(summary.status).ended,
      step: this.store.lastStep > step,
      lr: summary.lr_asked !== asked && summary.lr_taken,
    }[kind]
    if (obeyed || stateOf(summary.status).ended !== stateOf(status).ended || Date.now() - since > PATIENCE)
      this.pending = null
  }

  // `moment` is the one that all views show; without it, as it was.
  /** @param {Moment} [moment] */
  draw(moment = this.moment) {
    this.moment = moment
    const { store } = this
    const { summary } = store
    if (!summary) {
      say(this.status, store.missing ?? "loading …")
      return
    }
    this.checkPending(summary)
    const { status } = summary
    const label = this.env.labelOf(store)
    say(this.name, label)
    const style = this.env.styleOf(store)
    this.key.style.borderTopColor = style.color
    this.key.style.borderTopStyle = style.dash === "solid" ? "solid" : "dashed"
    this.node.style.setProperty("--dl-run", style.color)
    this.node.dataset.status = status
    this.node.classList.toggle("dl-silent", silent(summary))
    this.drawName(label)
    say(this.status, this.word(summary))
    say(this.spoken, `${label} ${status}`)
    this.node.classList.toggle("dl-recorded", Boolean(summary.recorded))
    const follows = this.env.leads(store) !== store // what is asked of the first of a race is asked of all
    for (const button of [this.pause, this.step]) button.classList.toggle("dl-follows", follows)
    this.drawButtons(status)
    this.drawNumbers(summary)
    this.drawRate(summary, status)
    const trouble = this.trouble(summary)
    this.message.hidden = !trouble
    this.numbers.classList.toggle("dl-troubled", Boolean(trouble) || this.waiting)
    const waits = trouble ? "" : summary.waits
    this.waits.hidden = !waits || (this.waiting && follows) // all of a race wait for the same
    this.awaited.title = waits
    say(this.awaited, waits)
    this.begin.hidden = !this.waiting
    this.begin.disabled = Boolean(this.pending)
    say(this.message, trouble)
  }

  // Of several runs each button tells which it is for, and the name hides its run.
  /** @param {string} label */
  drawName(label) {
    this.name.title = label
    if (!this.env.several) return
    const hidden = this.env.hides(this.store)
    this.node.classList.toggle("dl-hidden", hidden)
    this.name.title = `${label}: click to ${hidden ? "show it again" : "hide it"}`
    const bases = this.env.bases(this.store)
    this.base.disabled = hidden
    this.base.setAttribute("aria-pressed", String(bases))
    this.base.setAttribute("aria-label", `Differences to ${label}`)
    this.base.title = bases ? "Show the curves themselves again" : `Baseline: show how far curves are from ${label}`
    this.name.setAttribute("aria-label", `${hidden ? "Show" : "Hide"} ${label}`)
    this.step.setAttribute("aria-label", `Train one minibatch of ${label}`)
    this.stop.setAttribute("aria-label", `Stop ${label} and keep a checkpoint`)
    this.input.setAttribute("aria-label", `Learning rate to ask for ${label}`)
    this.apply.setAttribute("aria-label", `Ask for this learning rate for ${label}`)
  }

  /** @param {Summary} summary */
  word(summary) {
    if (this.pending) {
      const words = {
        pause: "pausing …",
        resume: this.pending.status === "queued" ? "beginning …" : "resuming …",
        step: "one minibatch …",
        stop: "stopping …",
        lr: "setting the rate …",
      }
      return words[this.pending.kind]
    }
    if (silent(summary)) return `no sign of life for ${duration(summary.silent_seconds)}`
    return summary.status
  }

  /** @param {Summary} summary */
  trouble({ status, message }) {
    const { end } = this.store
    if (status === "diverged")
      return `Diverged. ${end?.what || message || `The loss of step ${whole(this.store.lastStep + 1)} was not finite.`}`
    return status === "failed" ? `Failed: ${message || end?.message || "no reason was given."}` : ""
  }

  /** @param {Summary["status"]} status */
  drawButtons(status) {
    const pending = this.pending?.kind ?? "lr"
    const busy = pending !== "lr"
    const idle = this.resumable
    setIcon(this.pause, idle ? "play" : "pause")
    const label = idle ? "Resume" : "Pause"
    const name = this.env.several ? `${label} ${this.env.labelOf(this.store)}` : label
    if (this.pause.getAttribute("aria-label") !== name) {
      this.pause.setAttribute("aria-label", name)
      this.pause.title = this.first ? withKey(label, "space") : label
    }
    this.pause.disabled = busy || !(idle || status === "running")
    this.step.disabled = busy || !["running", "paused"].includes(status)
    this.stop.disabled = busy || Boolean(stateOf(status).ended)
    this.pause.classList.toggle("dl-pending", pending === "pause" || pending === "resume")
    this.step.classList.toggle("dl-pending", pending === "step")
    this.stop.classList.toggle("dl-pending", pending === "stop")
  }

  /** @param {Summary} summary */
  drawNumbers(summary) {
    const { store, facts, labels } = this
    const { latest, started } = store
    const total = started?.total_steps ?? summary.total_steps ?? 0
    const last = Math.max(store.lastStep, 0)
    const chosen = this.moment?.step == null ? null : (this.moment.of(store) ?? last)
    const step = chosen ?? last
    say(
      labels.step,
      `${chosen === null ? "" : "shown: "}epoch ${store.at(step, "epoch").toFixed(1)} / ${summary.epochs} · step`,
    )
    labels.step.title = [started?.data, started?.epoch].filter(Boolean).join(". ")
    facts.step.title = chosen === null ? "" : `All views show this step; the run is at step ${whole(last)}`
    this.bar.value = total ? last / total : 0
    say(facts.step, total ? `${whole(step)} / ${whole(total)}` : "–")
    const over = stateOf(summary.status).ended
    const speed = over ? usualSpeed(store) : latest?.images_per_second
    say(facts.speed, speed ? `${whole(speed)} images/s` : "–")
    facts.speed.title = over ? "On average over the whole run" : "Of the last minibatches"
    say(labels.speed, started ? `${started.precision} · ${threadsOf(started.threads)} · ${started.device}` : "device")
    labels.speed.title = labels.speed.textContent
    say(labels.left, over ? "trained for" : "time left")
    say(facts.left, duration(over ? latest?.seconds : latest?.seconds_left))
    const watched = latest && latest.probe_interval > 0
    const share = watched ? costOf(latest, started?.spec.probes?.budget ?? 1, over === true) : { text: "", so: "" }
    say(labels.watching, watched ? `watching costs ${share.text}` : "watching")
    labels.watching.title = share.so
    say(facts.watching, watched ? `every ${steps(latest.probe_interval)}` : latest ? "off" : "–")
    facts.watching.title =
      "Share of the time that measuring takes, and how often it measures; over the whole run the share is kept by " +
      "stretching the interval"
  }

  /** @param {Summary} summary @param {Summary["status"]} status */
  drawRate(summary, status) {
    const over = stateOf(status).ended
    say(this.applied, short(this.store.latest?.lr, 3))
    this.applied.title = "Applied in the last step, after the schedule"
    const asked = this.pending?.kind === "lr" ? this.pending.value : summary.lr_asked
    const waiting = this.pending?.kind === "lr" || !summary.lr_taken
    const said = typeof asked === "string" ? asked : short(asked, 3)
    say(this.asked, asked == null ? "ask for" : `asked ${said}${waiting ? " …" : ""}`)
    this.input.title = RULE
    this.input.disabled = this.apply.disabled = over || Boolean(this.pending)
    this.form.classList.toggle("dl-over", over)
    this.form.classList.toggle("dl-away", summary.recorded || ["failed", "diverged"].includes(status))
  }
}

// Pictures a second over all that was trained.
/** @param {RunStore} store */
const usualSpeed = ({ latest, started }) =>
  latest?.seconds && started ? (latest.epoch * started.images) / latest.seconds : undefined

const RULE = "Applied at the next step, never exceeded afterwards; it falls as the schedule falls"

/** @param {string} label @param {string} key */
const withKey = (label, key) => `${label} (${key}, while the dashboard has the focus: click into it)`

/** @param {Summary} summary */
const silent = ({ status, silent_seconds: seconds }) =>
  Number(seconds) > SILENCE && ["running", "starting"].includes(status)

/** @param {number} count */
const steps = (count) => (count === 1 ? "step" : `${whole(count)} steps`)
