// The live dashboard: fed by one poller, drawn in place.
import { Address } from "../shared/address.js"
import { el } from "../shared/dom.js"
import { isNumber } from "../shared/numbers.js"
import { readTheme } from "../shared/theme.js"
import { EXPLAINED } from "./card.js"
import { environment } from "./env.js"
import { fit, stage } from "./frame.js"
import { Grid } from "./grid.js"
import { Keyboard } from "./keyboard.js"
import { Asking, Moments } from "./moments.js"
import { Pointing } from "./pointing.js"
import { catchUp, storeOf, watch } from "./poller.js"
import { Runs } from "./runs.js"
import { Scrubber } from "./scrubber.js"
import { shown } from "./shown.js"
import { StateBar } from "./statebar.js"
import { addressOf, viewOf } from "./view.js"

/** @import { Component } from "../shared/mount.js" */
/** @import { DashboardData, LiveFigures, Summary, RunName } from "../told.js" */
/** @import { RunStore } from "./store.js" */
/** @import { CardView, CommandKind, Context, Env, Known, Run, Theme, Unit, View } from "./types.js" */

const RETRY = 3000 // ms
const LATE = 150 // ms that a film waits for words
const ROOMY = 2 // runs, up to which each has a whole line of state

export class Dashboard {
  /** @type {Theme} */
  theme
  /** @type {Runs} */
  runs
  /** @type {StateBar[]} */
  bars = []
  /** @type {Scrubber} */
  scrubber
  /** @type {Grid} */
  grid
  /** @type {(() => void) | undefined} */
  stopWatching
  /** @type {ResizeObserver | undefined} */
  sizes
  onSize = () => this.resized()
  /** @param {any} event */
  onAsked = ({ detail }) => this.set({ cursor: this.moments.measuredAt(detail) })
  /** @type {Keyboard | undefined} */
  keyboard
  frame = 0
  look = 0
  begun = false // to play by itself
  playing = false
  /** @type {number | undefined} timers */
  retry
  /** @type {number | undefined} */
  late
  /** @type {number | null} */
  drawnCursor = null
  moments = new Moments()
  asking = new Asking((moments) => this.answered(moments))

  // A dashboard of other runs in the same place hands on what the viewer had chosen, but for the step.
  /** @param {Component<DashboardData>} component @param {View} [chosen] */
  constructor({ data, parentElement, setTriggerValue }, chosen) {
    this.ids = data.runs.map(({ id }) => id)
    /** @type {Pick<DashboardData, "runs" | "play" | "only" | "tries" | "notes">} */
    this.names = data
    this.figures = data.figures
    this.send = setTriggerValue
    this.runs = new Runs(data.runs)
    this.root = el("div", {
      class: "dl-root",
      "data-testid": "live",
      tabindex: "0",
      role: "region",
      "aria-label": "Live dashboard: space pauses, → trains one minibatch, Shift+S stops, Esc goes back",
    })
    this.place = parentElement
    parentElement.replaceChildren(this.root)
    /** @type {View} */
    this.view = {
      ...(chosen ? { ...chosen, hidden: "", base: "", from: null, to: null } : viewOf(data.asked)),
      state: "",
      cursor: null,
      lost: false,
    }
    if (this.runs.stores.every((store) => this.runs.hides(store, this.view))) this.view.hidden = ""
    this.plays = data.play || (!chosen && data.asked.l_state === "playing")
    /** @type {number | null} */
    this.asked = chosen || !isNumber(data.asked.l_step) ? null : data.asked.l_step // the step, until its measurements are here
    this.address = new Address(
      (parameters) =>
        !data.only &&
        (data.keeps ||
          data.play ||
          ["file", "runs"].some((name) => parameters.has(name)) ||
          parameters.get("run") === this.ids[0]),
    )
  }

  /** @param {{ id: string }[]} ids */
  shows(ids) {
    return ids.length === this.ids.length && ids.every(({ id }, index) => id === this.ids[index])
  }

  start() {
    const env = environment(this)
    this.bars = this.runs.stores.map((store, index) => new StateBar(env, store, index))
    this.grid = new Grid(env)
    this.scrubber = new Scrubber(env)
    const bars = el("div", { class: "dl-bars" }, ...this.bars.map((bar) => bar.node))
    bars.classList.toggle("dl-many", this.bars.length > ROOMY)
    bars.classList.toggle("dl-crowd", this.bars.length > 2 * ROOMY)
    this.root.append(bars, this.grid.node, this.scrubber.node)
    new Pointing(this.root, (id) => this.runs.lit(id))
    this.keyboard = new Keyboard(
      this.root,
      (kind) => this.press(kind),
      () => this.escape(),
      (end) => this.scrubber.player.mark(end),
    )
    window.addEventListener("resize", this.onSize)
    shown.addEventListener("asked", this.onAsked)
    this.root.addEventListener(EXPLAINED, this.onSize)
    this.sizes = new ResizeObserver(this.onSize)
    this.sizes.observe(this.place)
    this.stage()
    const alone = this.names.only || this.view.large
    this.grid.show(this.grid.named(alone))
    this.keep()
    this.draw(true)
    this.stopWatching = watch(this.ids, ({ lost }) => {
      this.view.lost = lost
      if (lost) this.draw()
      this.ask()
    })
    this.ask()
  }

  // A recording moves by itself once it is there, but not where the system asks for less motion.
  begin() {
    if (this.begun || !this.moments.steps.length) return
    this.begun = true
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches)
      requestAnimationFrame(() => this.scrubber.player.play())
  }

  /** @param {Component<DashboardData>} component */
  update({ data, setTriggerValue }) {
    this.send = setTriggerValue
    this.figures = data.figures
    if (!this.theme) return
    const theme = readTheme(this.root)
    const known = JSON.stringify([this.theme, this.names.runs])
    const changed = JSON.stringify([theme, data.runs]) !== known
    this.theme = theme
    this.names = data
    this.runs.names = data.runs
    this.fit()
    this.address.write()
    for (const bar of this.bars) bar.refused(data.refused)
    if (this.scrubber.noting.settle(data)) this.ask()
    if (!changed) return
    this.look++
    this.draw(true)
  }

  /** @param {Partial<View>} change */
  set(change) {
    Object.assign(this.view, change)
    const looks = !("cursor" in change || "from" in change || "speed" in change)
    if ("cursor" in change) this.asked = null
    if (looks) this.look++
    this.keep()
    this.draw(looks || "cursor" in change)
    if ("cursor" in change || "hidden" in change) this.ask()
  }

  // What may be said of the runs now, at what is chosen: it is drawn when that has come.
  ask() {
    const known = this.runs.stores.filter((store) => store.summary && store.missing === null)
    const away = known.filter((store) => this.runs.hides(store, this.view)).map(({ id }) => id)
    if (known.length === away.length) return this.draw()
    void this.asking.ask({ ids: known.map(({ id }) => id), asked: { ...this.view }, away })
  }

  /** @param {Moments | null} moments null: the answer could not be had */
  async answered(moments) {
    if (moments) {
      await catchUp(moments.seqs)
      this.moments = moments
      for (const id of moments.ids) storeOf(id).gaps = moments.gapsOf(id)
    }
    if (!this.root.isConnected) return
    clearTimeout(this.retry)
    if (!moments) this.retry = setTimeout(() => this.ask(), RETRY)
    const chosen = this.asked !== null
    if (chosen && this.moments.steps.length) this.set({ cursor: this.moments.measuredAt(Number(this.asked)) })
    else this.draw()
    if (this.plays && !(chosen && this.names.play)) this.begin()
  }

  // A film is drawn with what is said of it, unless that takes too long.
  /** @param {number | null} step */
  seek(step) {
    const cursor = step === null ? null : this.moments.measuredAt(step)
    if (!this.playing) return this.set({ cursor })
    this.view.cursor = cursor
    this.ask()
    clearTimeout(this.late)
    this.late = setTimeout(() => this.draw(), LATE)
  }

  // Recordings that move by themselves do so from their beginning, whatever was shown when they were set going.
  /** @param {boolean} playing @param {number} pace ms of a measurement */
  setPlaying(playing, pace) {
    this.playing = playing
    this.view.state = playing && !this.names.play ? "playing" : ""
    this.root.classList.toggle("dl-playing", playing)
    this.root.style.setProperty("--dl-pace", `${pace}ms`)
    this.keep()
    if (!playing) this.draw(true) // what the address names by now, and what was drawn as a film
  }

  // What is chosen goes into the address, but not each moment of a film: a browser takes a few hundred in half a minute.
  keep() {
    const cursor = this.playing && this.names.play ? null : (this.view.cursor ?? this.asked)
    this.address.hold(addressOf({ ...this.view, cursor }))
  }

  /** @returns {Context} */
  context() {
    const { cursor, unit } = this.view
    const runs = this.runs.shown(this.view)
    const { moments } = this
    const moment = moments.at(cursor)
    return {
      ...this.view,
      look: this.look,
      playing: this.playing,
      runs,
      bands: moments.bandsOf(runs),
      against: this.runs.against(this.view, moments),
      moment,
      momentAt: (step) => moments.at(step),
      moments,
      theme: this.theme,
      cursorOf: (store) => (cursor === null ? null : store.at(moment.of(store) ?? store.lastStep, unit)),
      endOf: (name) => Math.max(...runs.map(({ store }) => store.endAt(name)), 0),
    }
  }

  // Everything that changed since the last drawing, or all of it: one card a frame, so that the page stays quick.
  draw(all = false) {
    cancelAnimationFrame(this.frame)
    cancelAnimationFrame(this.grid.frame)
    clearTimeout(this.late)
    const moved = this.view.cursor !== this.drawnCursor
    if (all || moved) this.grid.stale()
    this.drawnCursor = this.view.cursor
    this.frame = requestAnimationFrame(() => {
      const context = this.context()
      for (const bar of this.bars) bar.draw(context.moment)
      this.scrubber.draw(context)
      if (!this.names.only) shown.tell(stepsOf(context))
      this.keyboard?.keep()
      this.grid.draw(context)
    })
  }

  /** @param {CardView | null} view */
  enlarge(view) {
    const focus = (view ?? this.grid.large)?.card.enlarger
    this.grid.show(view)
    this.view.large = view?.card.id ?? ""
    this.keep()
    this.resized()
    focus?.focus()
  }

  // Where no run goes on, space is for the replay.
  /** @param {CommandKind} kind */
  press(kind) {
    if (kind === "pause" && !this.runs.stores.some(({ live }) => live)) return this.scrubber.player.toggle()
    const bar = this.bars.find(({ store }) => store.live) ?? this.bars[0]
    bar.press(kind)
  }

  escape() {
    const open = this.grid.explained()
    if (this.scrubber.player.playing) this.scrubber.player.pause()
    else if (this.scrubber.noting.open(false)) this.scrubber.noting.button.focus()
    else if (this.scrubber.remarks.open(false)) this.scrubber.remarks.button.focus()
    else if (this.scrubber.story.open(false)) this.scrubber.story.button.focus()
    else if (open) open.explain(false)
    else if (this.grid.large) this.enlarge(null)
    else if (this.scrubber.stage.on) this.scrubber.stage.show("")
    else if (this.view.cursor !== null) this.set({ cursor: null })
  }

  stage() {
    stage(this.root, this.view.present)
    this.scrubber.story.settle()
    this.theme = readTheme(this.root)
    this.fit()
  }

  fit() {
    fit(this.root, this.grid.large ? 1 : 2, Boolean(this.names.only))
  }

  // How many maps have room depends on it.
  resized() {
    this.fit()
    this.look++
    this.draw(true)
  }

  destroy() {
    this.stopWatching?.()
    this.scrubber?.player.pause()
    this.address.destroy()
    cancelAnimationFrame(this.frame)
    clearTimeout(this.retry)
    clearTimeout(this.late)
    window.removeEventListener("resize", this.onSize)
    shown.removeEventListener("asked", this.onAsked)
    this.sizes?.disconnect()
    this.scrubber?.story.destroy()
    this.grid?.destroy()
    this.root.remove()
  }
}

// The step at which each run is shown.
/** @param {Context} context */
const stepsOf = ({ runs, moment }) =>
  Object.fromEntries(runs.map(({ store }) => [store.id, moment.of(store) ?? store.lastStep]))
