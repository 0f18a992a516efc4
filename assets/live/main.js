// The live dashboard: mounted by core/web/train/live.py, fed by one poller, drawn in place.
import { Address } from "../shared/address.js"
import { el } from "../shared/dom.js"
import { loadScript, loadSheet, roomFor } from "../shared/mount.js"
import { clamp, isNumber } from "../shared/numbers.js"
import { readTheme } from "../shared/theme.js"
import { FlowCard } from "./cards/flow.js"
import { GradientCard } from "./cards/gradient.js"
import { LearnCard } from "./cards/learn.js"
import { SignalsCard } from "./cards/signals.js"
import { Asking, Moments } from "./moments.js"
import { catchUp, hurry, storeOf, watch } from "./poller.js"
import { Scrubber } from "./scrubber.js"
import { StateBar } from "./statebar.js"
import { addressOf, viewOf } from "./view.js"

/** @import { Component } from "../shared/mount.js" */
/** @import { LiveData, LiveFigures, Summary, RunName } from "../told.js" */
/** @import { RunStore } from "./store.js" */
/** @import { CardView, Context, Env, Known, Run, Theme, Unit, View } from "./types.js" */

const LEAST_CARD = 242 // px of a view, so that its plots keep some 140 px
const GAPS = 34 // px between and below the views, and of the time bar
const BELOW = 10 // px that stay free under the dashboard
const NARROW = 760 // px; below it the views are stacked
const SHEET = new URL("./live.css", import.meta.url).href
const ALONE = 320 // px of a single view that stands among other things
const RETRY = 3000 // ms
const LATE = 150 // ms that a film waits for words
const ROOMY = 2 // runs, up to which each has a whole line of state
/** @type {WeakMap<Element, Dashboard>} */
const dashboards = new WeakMap()

// Called by Streamlit after every script run and when the theme changes.
/** @param {Component<LiveData>} component */
export async function mount(component) {
  const { data, parentElement } = component
  const known = dashboards.get(parentElement)
  if (known?.shows(data.runs)) return known.update(component)
  known?.destroy()
  const dashboard = new Dashboard(component, known?.view)
  dashboards.set(parentElement, dashboard)
  try {
    await Promise.all([loadPlotly(data.plotly), loadSheet(SHEET)])
  } catch {
    dashboard.root.textContent = "The charts could not be loaded from the server: reload the page."
    return
  }
  if (dashboards.get(parentElement) === dashboard) dashboard.start()
}

/** @param {Element} parentElement */
export function unmount(parentElement) {
  dashboards.get(parentElement)?.destroy()
  dashboards.delete(parentElement)
}

class Dashboard {
  /** @type {Theme} */
  theme
  /** @type {StateBar[]} */
  bars = []
  /** @type {CardView[]} */
  cards = []
  /** @type {Scrubber} */
  scrubber
  /** @type {HTMLElement} */
  grid
  /** @type {CardView | null} the one that is alone */
  large = null
  /** @type {(() => void) | undefined} */
  stopWatching
  /** @type {ResizeObserver | undefined} */
  sizes
  onSize = () => this.fit()
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
  /** @param {Component<LiveData>} component @param {View} [chosen] */
  constructor({ data, parentElement, setTriggerValue }, chosen) {
    this.ids = data.runs.map(({ id }) => id)
    /** @type {Pick<LiveData, "runs" | "play" | "only">} */
    this.names = data
    this.figures = data.figures
    this.send = setTriggerValue
    this.stores = this.ids.map(storeOf)
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
    this.view = { ...(chosen ?? viewOf(data.asked)), cursor: null, lost: false }
    /** @type {number | null} */
    this.asked = chosen || !isNumber(data.asked.l_step) ? null : data.asked.l_step // the step, until its measurements are here
    this.address = new Address((parameters) => parameters.has("file") || parameters.get("run") === this.ids[0])
  }

  /** @param {{ id: string }[]} ids */
  shows(ids) {
    return ids.length === this.ids.length && ids.every(({ id }, index) => id === this.ids[index])
  }

  start() {
    const env = this.environment()
    this.bars = this.stores.map((store, index) => new StateBar(env, store, index))
    this.cards = [LearnCard, GradientCard, SignalsCard, FlowCard].map((View) => new View(env))
    this.scrubber = new Scrubber(env)
    this.grid = el("div", { class: "dl-grid" }, ...this.cards.map(({ card }) => card.node))
    const bars = el("div", { class: "dl-bars" }, ...this.bars.map((bar) => bar.node))
    bars.classList.toggle("dl-many", this.bars.length > ROOMY)
    this.root.append(bars, this.grid, this.scrubber.node)
    this.root.addEventListener("keydown", (event) => this.key(event))
    this.root.addEventListener("pointerdown", () => this.takeFocus())
    window.addEventListener("resize", this.onSize)
    this.sizes = new ResizeObserver(this.onSize)
    this.sizes.observe(this.place)
    this.stage()
    const alone = this.names.only || this.view.large
    this.show(this.cards.find(({ card }) => card.id === alone) ?? null)
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

  // What views may ask of the dashboard.
  /** @returns {Env} */
  environment() {
    return {
      figures: this.figures,
      view: { ...this.view },
      command: (command) => {
        const id = `${Date.now()}-${Math.random()}`
        this.send("command", { ...command, id })
        hurry()
        queueMicrotask(() => this.keepFocus())
        return id
      },
      enlarge: (view) => this.enlarge(this.large === view ? null : view),
      choose: (view, change) => {
        Object.assign(this.view, change)
        this.look++
        this.keep()
        view.stale = true
        this.drawCard(view, this.context())
        this.ask()
      },
      setUnit: (unit) => this.set({ unit }),
      setLossAxis: (lossAxis) => this.set({ lossAxis }),
      setCursor: (step) => {
        this.scrubber.player.pause()
        this.seek(step)
      },
      seek: (step) => this.seek(step),
      present: (pair) => {
        this.view.present = pair
        this.stage()
        this.keep()
        this.look++
        this.draw(true)
      },
      setPlaying: (playing, pace) => {
        this.playing = playing
        this.root.classList.toggle("dl-playing", playing)
        this.root.style.setProperty("--dl-pace", `${pace}ms`)
        this.keep()
        if (!playing) this.draw() // what the address names by now
      },
      setPicked: (layer, layers) => this.set({ picked: clamp(layer / (layers - 1), 0, 1) }),
      stepAt: (position) => longest(this.stores).stepAt(position, this.view.unit),
      styleOf: (store) => this.styleOf(store),
      leads: (store) => this.leads(store),
      labelOf: (store) => this.namesOf(store).label,
    }
  }

  /** @param {Component<LiveData>} component */
  update({ data, setTriggerValue }) {
    this.send = setTriggerValue
    this.figures = data.figures
    if (!this.theme) return
    const theme = readTheme(this.root)
    const known = JSON.stringify([this.theme, this.names.runs])
    const changed = JSON.stringify([theme, data.runs]) !== known
    this.theme = theme
    this.names = data
    this.fit()
    this.address.write()
    for (const bar of this.bars) bar.refused(data.refused)
    if (!changed) return
    this.look++
    this.draw(true)
  }

  /** @param {Partial<View>} change */
  set(change) {
    Object.assign(this.view, change)
    if ("cursor" in change) this.asked = null
    else this.look++
    this.keep()
    this.draw(true)
    if ("cursor" in change) this.ask()
  }

  // What may be said of the runs now, at what is chosen: it is drawn when that has come.
  ask() {
    const known = this.stores.filter((store) => store.summary && store.missing === null)
    if (!known.length) return this.draw()
    void this.asking.ask(
      known.map(({ id }) => id),
      { ...this.view },
    )
  }

  /** @param {Moments | null} moments null: the answer could not be had */
  async answered(moments) {
    if (moments) {
      await catchUp(moments.seqs)
      this.moments = moments
    }
    if (!this.root.isConnected) return
    clearTimeout(this.retry)
    if (!moments) this.retry = setTimeout(() => this.ask(), RETRY)
    if (this.asked !== null && this.moments.steps.length)
      return this.set({ cursor: this.moments.measuredAt(this.asked) })
    this.draw()
    if (this.names.play && this.asked === null) this.begin()
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

  // What is chosen goes into the address.
  keep() {
    if (this.playing) return // a browser takes a few hundred of them in half a minute
    this.address.hold(addressOf({ ...this.view, cursor: this.view.cursor ?? this.asked }))
  }

  /** @param {RunStore} store */
  namesOf(store) {
    return /** @type {RunName} */ (this.names.runs.find(({ id }) => id === store.id))
  }

  // What is known of each run, and how it is named beside the others.
  runs() {
    return this.stores.map((store) => ({ store, ...this.namesOf(store) }))
  }

  // The first run of its race that goes on; a run that is alone leads itself.
  /** @param {RunStore} store */
  leads(store) {
    const group = store.summary?.group
    return (store.live && this.stores.find((other) => other.live && other.summary?.group === group)) || store
  }

  /** @param {RunStore} store */
  styleOf(store) {
    return this.namesOf(store).style
  }

  /** @returns {Context} */
  context() {
    const { cursor, unit } = this.view
    const runs = this.runs()
      .filter(({ store }) => store.summary)
      .map((run) => /** @type {Run} */ ({ ...run, style: this.styleOf(run.store) }))
    const { moments } = this
    const moment = moments.at(cursor)
    return {
      ...this.view,
      look: this.look,
      runs,
      moment,
      momentAt: (step) => moments.at(step),
      moments,
      theme: this.theme,
      cursorOf: (store) => (cursor === null ? null : store.at(moment.of(store) ?? store.lastStep, unit)),
      endOf: (name) => Math.max(...runs.map(({ store }) => endOf(store, name)), 0),
    }
  }

  // Everything that changed since the last drawing, or all of it: one card a frame, so that the page stays quick.
  draw(all = false) {
    cancelAnimationFrame(this.frame)
    clearTimeout(this.late)
    const moved = this.view.cursor !== this.drawnCursor
    if (all || moved) for (const view of this.cards) view.stale = true
    this.drawnCursor = this.view.cursor
    this.frame = requestAnimationFrame(() => {
      const context = this.context()
      for (const bar of this.bars) bar.draw(context.moment)
      this.scrubber.draw(context)
      this.keepFocus()
      this.drawCards([...this.cards], context)
    })
  }

  /** @param {CardView[]} views @param {Context} context */
  drawCards([view, ...rest], context) {
    const drawn = this.drawCard(view, context)
    if (!rest.length) return
    if (drawn) this.frame = requestAnimationFrame(() => this.drawCards(rest, context))
    else this.drawCards(rest, context)
  }

  /** @param {CardView} view @param {Context} context */
  drawCard(view, context) {
    const { card } = view
    card.tell(context.moments.said(card.id, this.view))
    const signature = view.signature(context)
    const news = signature !== view.drawnSignature
    if (!news && !view.stale) return false
    view.stale = false
    const images = context.runs[0]?.store.summary.probe_images
    view.card.setWhy({ images })
    view.draw(context)
    if (news && view.drawnSignature !== undefined) view.card.updated()
    view.drawnSignature = signature
    return true
  }

  /** @param {CardView | null} view */
  enlarge(view) {
    const focus = (view ?? this.large)?.card.enlarger
    this.show(view)
    this.view.large = view?.card.id ?? ""
    this.keep()
    focus?.focus()
  }

  // One view alone, or all four.
  /** @param {CardView | null} view */
  show(view) {
    this.large = view
    this.grid.classList.toggle("dl-one", Boolean(view))
    for (const each of this.cards) each.card.setLarge(each === view)
  }

  // A press anywhere in the dashboard gives it the keyboard; what can be typed into or pressed takes it from here.
  takeFocus() {
    if (!this.root.contains(document.activeElement)) this.root.focus({ preventScroll: true })
  }

  // What has the focus may be switched off or put away by its own click: the keyboard then stays with the dashboard.
  keepFocus() {
    const active = /** @type {(HTMLElement & { disabled?: boolean }) | null} */ (document.activeElement)
    if (active && this.root.contains(active) && (active.disabled || !active.getClientRects().length)) {
      this.root.focus({ preventScroll: true })
    }
  }

  // Only while the focus is in here; what an element does by itself with a key stays its own.
  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    /** @param {string} what */
    const within = (what) => /** @type {Element} */ (event.target).closest(what)
    if (event.key === "Escape") return this.escape()
    if (within("input:not([type=range]), textarea, select")) return
    const kind = event.key === " " ? "pause" : event.key === "ArrowRight" ? "step" : event.key === "S" ? "stop" : null
    if (!kind || event.repeat) return
    if ((kind === "pause" && within("button, summary, a")) || (kind === "step" && within("input"))) return
    event.preventDefault()
    if (kind === "pause" && !this.stores.some(({ live }) => live)) return this.scrubber.player.toggle()
    const bar = this.bars.find(({ store }) => store.live) ?? this.bars[0]
    bar.press(kind)
  }

  escape() {
    const open = this.cards.find(({ card }) => !card.prose.hidden)
    if (this.scrubber.player.playing) this.scrubber.player.pause()
    else if (this.scrubber.notes.open(false)) this.scrubber.notes.button.focus()
    else if (open) open.card.explain(false)
    else if (this.large) this.enlarge(null)
    else if (this.scrubber.stage.on) this.scrubber.stage.show("")
    else if (this.view.cursor !== null) this.set({ cursor: null })
  }

  stage() {
    this.root.classList.toggle("dl-present", this.view.present !== "")
    this.root.classList.toggle("dl-second-pair", this.view.present === "2")
    this.theme = readTheme(this.root)
    this.fit()
  }

  // As high as the window leaves room for: on a screen, nothing needs scrolling.
  fit() {
    this.root.classList.toggle("dl-only", Boolean(this.names.only))
    if (this.names.only) return this.root.style.setProperty("height", `${ALONE}px`)
    const narrow = this.root.clientWidth < NARROW
    this.root.classList.toggle("dl-narrow", narrow)
    this.root.style.height = narrow ? "" : `${Math.max(roomFor(this.root, BELOW), this.least())}px`
  }

  // On a low screen two views are seen at once, and the page scrolls to the other two.
  least() {
    const lines = this.root.querySelector(".dl-bars")?.clientHeight ?? 0
    return lines + (this.large ? 1 : 2) * LEAST_CARD + GAPS
  }

  destroy() {
    this.stopWatching?.()
    this.scrubber?.player.pause()
    this.address.destroy()
    cancelAnimationFrame(this.frame)
    clearTimeout(this.retry)
    clearTimeout(this.late)
    window.removeEventListener("resize", this.onSize)
    this.sizes?.disconnect()
    for (const view of this.cards) view.destroy()
    this.root.remove()
  }
}

// Steps that are chosen are those of the longest run.
/** @param {RunStore[]} stores */
const longest = (stores) => stores.reduce((best, store) => (store.lastStep > best.lastStep ? store : best))

// Where a run ends on a time axis; unknown for seconds while it goes on.
/** @param {Known} store @param {Unit} unit */
function endOf(store, unit) {
  const steps = store.started?.total_steps ?? store.summary.total_steps ?? 0
  if (unit !== "seconds") return store.at(steps, unit)
  return store.live ? (store.latest?.seconds ?? 0) + (store.latest?.seconds_left ?? 0) : (store.latest?.seconds ?? 0)
}

/** @param {string} address */
const loadPlotly = async (address) => window.Plotly || loadScript(new URL(address, document.baseURI).href)
