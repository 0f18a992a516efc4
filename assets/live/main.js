// The live dashboard: mounted by core/web/live.py, fed by one poller, drawn in place.
import { FlowCard } from "./cards/flow.js"
import { GradientCard } from "./cards/gradient.js"
import { LearnCard } from "./cards/learn.js"
import { SignalsCard } from "./cards/signals.js"
import { el } from "./dom.js"
import { hurry, storeOf, watch } from "./poller.js"
import { Scrubber } from "./scrubber.js"
import { StateBar } from "./statebar.js"
import { readTheme, runStyle } from "./theme.js"

const LEAST_HEIGHT = 480 // px
const BELOW = 10 // px that stay free under the dashboard
const NARROW = 760 // px; below it the views are stacked
const dashboards = new WeakMap()

// Called by Streamlit after every script run and when the theme changes.
export async function mount(component) {
  const { data, parentElement } = component
  const known = dashboards.get(parentElement)
  if (known?.shows(data.runs)) return known.update(component)
  known?.destroy()
  const dashboard = new Dashboard(component, known?.view)
  dashboards.set(parentElement, dashboard)
  try {
    await Promise.all([loadPlotly(data.plotly), loadStyle()])
  } catch {
    dashboard.root.textContent = "The charts could not be loaded from the server: reload the page."
    return
  }
  if (dashboards.get(parentElement) === dashboard) dashboard.start()
}

export function unmount(parentElement) {
  dashboards.get(parentElement)?.destroy()
  dashboards.delete(parentElement)
}

class Dashboard {
  // A dashboard of other runs in the same place hands on what the viewer had chosen.
  constructor({ data, parentElement, setTriggerValue }, chosen) {
    this.ids = data.runs
    this.figures = data.figures
    this.send = setTriggerValue
    this.stores = this.ids.map(storeOf)
    this.root = el("div", { class: "dl-root", "data-testid": "live" })
    parentElement.replaceChildren(this.root)
    this.view = { unit: "step", picked: 0.5, ...chosen, cursor: null, lost: false }
    this.large = null
  }

  shows(ids) {
    return ids.length === this.ids.length && ids.every((id, index) => id === this.ids[index])
  }

  start() {
    const env = this.environment()
    this.bars = this.stores.map((store, index) => new StateBar(env, store, index === 0))
    this.cards = [LearnCard, GradientCard, SignalsCard, FlowCard].map((View) => new View(env))
    this.scrubber = new Scrubber(env)
    this.grid = el("div", { class: "dl-grid" }, ...this.cards.map(({ card }) => card.node))
    this.root.append(...this.bars.map((bar) => bar.node), this.grid, this.scrubber.node)
    this.onKey = (event) => this.key(event)
    document.addEventListener("keydown", this.onKey)
    this.onSize = () => this.fit()
    window.addEventListener("resize", this.onSize)
    this.sizes = new ResizeObserver(this.onSize)
    this.sizes.observe(this.root.parentElement)
    this.fit()
    this.theme = readTheme(this.root)
    this.draw(true)
    this.stopWatching = watch(this.ids, ({ lost }) => {
      this.view.lost = lost
      this.draw()
    })
  }

  // What views may ask of the dashboard.
  environment() {
    return {
      figures: this.figures,
      unit: this.view.unit,
      command: (command) => {
        this.send("command", { ...command, id: `${Date.now()}-${Math.random()}` })
        hurry()
      },
      enlarge: (view) => this.enlarge(this.large === view ? null : view),
      redraw: (view) => {
        view.stale = true
        this.drawCard(view, this.context())
      },
      setUnit: (unit) => this.set({ unit }),
      setCursor: (step) => this.set({ cursor: step === null ? null : this.measuredAt(step) }),
      setPicked: (layer, layers) => this.set({ picked: Math.min(Math.max(layer / (layers - 1), 0), 1) }),
      stepAt: (position) => this.longest().stepAt(position, this.view.unit),
      styleOf: (store) => this.styleOf(store),
    }
  }

  update({ data, setTriggerValue }) {
    this.send = setTriggerValue
    this.figures = data.figures
    if (!this.theme) return
    const theme = readTheme(this.root)
    const changed = JSON.stringify(theme) !== JSON.stringify(this.theme)
    this.theme = theme
    this.fit()
    if (changed) this.draw(true)
  }

  set(change) {
    Object.assign(this.view, change)
    this.draw(true)
  }

  // The step of the last measurement until then, in any run; the first one where there is none before.
  measuredAt(step) {
    const steps = this.stores.flatMap((store) => store.probes.map((probe) => probe.step))
    const until = steps.filter((known) => known <= step)
    return until.length ? Math.max(...until) : steps.length ? Math.min(...steps) : null
  }

  longest() {
    return this.stores.reduce((best, store) => (store.lastStep > best.lastStep ? store : best))
  }

  styleOf(store) {
    const first = store === this.stores[0] ? null : this.stores[0].summary
    return runStyle(store.summary, first, this.figures.palette, this.theme)
  }

  context() {
    const { cursor, unit } = this.view
    const runs = this.stores.filter((store) => store.summary).map((store) => ({ store, style: this.styleOf(store) }))
    return {
      ...this.view,
      runs,
      theme: this.theme,
      cursorX: cursor === null ? null : this.longest().at(cursor, unit),
      endOf: (name) => Math.max(...runs.map(({ store }) => endOf(store, name)), 0),
    }
  }

  // Everything that changed since the last drawing, or all of it: one card a frame, so that the page stays quick.
  draw(all = false) {
    cancelAnimationFrame(this.frame)
    if (all) for (const view of this.cards) view.stale = true
    this.frame = requestAnimationFrame(() => {
      const context = this.context()
      for (const bar of this.bars) bar.draw()
      this.scrubber.draw(context)
      this.drawCards([...this.cards], context)
    })
  }

  drawCards([view, ...rest], context) {
    const drawn = this.drawCard(view, context)
    if (!rest.length) return
    if (drawn) this.frame = requestAnimationFrame(() => this.drawCards(rest, context))
    else this.drawCards(rest, context)
  }

  drawCard(view, context) {
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

  enlarge(view) {
    const focus = (view ?? this.large)?.card.enlarger
    this.large = view
    this.grid.classList.toggle("dl-one", Boolean(view))
    for (const each of this.cards) each.card.setLarge(each === view)
    focus?.focus()
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === "Escape") return this.escape()
    if (
      event.target.closest?.(
        "input, textarea, select, button, a, summary, [contenteditable=true], [role=slider], [role=dialog], [role=listbox]",
      )
    )
      return
    const bar = this.bars.find(({ store }) => store.live) ?? this.bars[0]
    const kind =
      event.key === " "
        ? "pause"
        : event.key === "ArrowRight"
          ? "step"
          : event.key === "S" && event.shiftKey
            ? "stop"
            : null
    if (!kind || event.repeat) return
    event.preventDefault()
    bar.press(kind)
  }

  escape() {
    const open = this.cards.find(({ card }) => !card.prose.hidden)
    if (open) open.card.explain(false)
    else if (this.large) this.enlarge(null)
    else if (this.view.cursor !== null) this.set({ cursor: null })
  }

  // As high as the window leaves room for: on a screen, nothing needs scrolling.
  fit() {
    const scroller = this.root.closest("[data-testid=stMain]")
    const top = this.root.getBoundingClientRect().top + (scroller?.scrollTop ?? 0)
    const narrow = this.root.clientWidth < NARROW
    this.root.classList.toggle("dl-narrow", narrow)
    this.root.style.height = narrow ? "" : `${Math.max(window.innerHeight - top - BELOW, LEAST_HEIGHT)}px`
  }

  destroy() {
    this.stopWatching?.()
    cancelAnimationFrame(this.frame)
    document.removeEventListener("keydown", this.onKey)
    window.removeEventListener("resize", this.onSize)
    this.sizes?.disconnect()
    for (const view of this.cards ?? []) view.destroy()
    this.root.remove()
  }
}

// Where a run ends on a time axis; unknown for seconds while it goes on.
function endOf(store, unit) {
  const steps = store.started?.total_steps ?? store.summary.total_steps ?? 0
  if (unit !== "seconds") return store.at(steps, unit)
  return store.live ? (store.latest?.seconds ?? 0) + (store.latest?.seconds_left ?? 0) : (store.latest?.seconds ?? 0)
}

let plotly = null

function loadPlotly(address) {
  plotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve()
    const script = el("script", { src: new URL(address, document.baseURI).href, onload: resolve, onerror: reject })
    document.head.append(script)
  })
  return plotly
}

let style = null

function loadStyle() {
  style ??= new Promise((resolve, reject) => {
    const href = new URL("./live.css", import.meta.url).href
    document.head.append(el("link", { rel: "stylesheet", href, onload: resolve, onerror: reject }))
  })
  return style
}
