// Do the signals stay in range? All layers now, and one layer over time.
import { el, say, segmented } from "../../shared/dom.js"
import { whole } from "../../shared/format.js"
import { last } from "../../shared/numbers.js"
import vocabulary from "../../vocabulary.js"
import { leaders } from "../band.js"
import { Card, panel } from "../card.js"
import { Chart } from "../chart.js"
import { measuredAt } from "../moments.js"
import { fewer, signatureOf, when } from "../words.js"
import { columnOf, columnsAt, multiples } from "./multiples.js"
import { OneLayer } from "./onelayer.js"
import { fitting, ridge } from "./ridge.js"
import { Spread } from "./spread.js"

/** @import { CardView, Context, Env, Outlined, Picked, Range, View } from "../types.js" */

const MOST = 6 // moments side by side
const HINT = "responses of each layer · click a picture: all views show its moment"
const LEAST_SPAN = 1.8 // either side of 0 on the response axis: a vanished signal shall look narrow

/** @implements {CardView} */
export class SignalsCard {
  /** @param {Env} env */
  constructor(env) {
    this.env = env
    this.mode = env.view.signals
    const { histogram, std, dead } = vocabulary.quantities
    /** @type {[value: string, text: string, title: string][]} */
    const options = [
      ["shape", histogram.choice, histogram.measured],
      ["moments", "side by side", "The shapes at some moments side by side, a row for each run, on the same axes"],
      ["spread", std.choice, std.measured],
      ["dead", dead.choice, dead.measured],
    ]
    const choice = segmented("What to show of each layer", options, this.mode, (value) => this.choose(value))
    this.card = new Card("signals", env.figures.views.signals, [choice], () => env.enlarge(this))
    this.card.body.classList.add("dl-two")
    this.all = panel("dl-now")
    this.second = el("div", { class: "dl-host" }) // either this or the ridge is seen
    this.third = el("div", { class: "dl-host" })
    this.all.node.append(this.second, this.third)
    this.card.body.append(this.all.node)
    this.ridge = new Chart(this.all.host, "ridge", env.figures)
    this.lines = new Chart(this.second, "statistics", env.figures)
    this.beside = new Chart(this.third, "ridge", env.figures)
    /** @type {number[]} the moments that are side by side */
    this.steps = []
    this.now = 0
    this.add = el("button", { type: "button", class: "dl-back dl-small", onclick: () => this.put(this.now) })
    this.usual = el("button", {
      type: "button",
      class: "dl-back dl-small",
      text: "as usual",
      title: "The first moment, the end of the first epoch, the middle and the last",
      onclick: () => this.env.choose(this, { beside: "" }),
    })
    this.chooser = el("div", { class: "dl-chooser" }, el("span", { text: HINT }), this.add, this.usual)
    this.all.node.insertBefore(this.chooser, this.all.host)
    this.beside.onClick = ({ axis }) => env.setCursor(this.steps[columnOf(axis, this.steps.length)])
    this.layer = new OneLayer(env, this.card.body)
    this.spread = new Spread()
    /** @type {number[]} of each run that is shown */
    this.layers = []
    /** @type {Record<string, Range>} */
    this.spans = {} // the part of the response axis in view, of the ridge and of each layer
    this.ridge.onClick = ({ y, axis }) => env.setPicked(Math.round(y) - 1, this.layers[axis === "y2" ? 1 : 0])
    this.lines.onClick = ({ x }) => env.setPicked(Math.round(x) - 1, Math.max(...this.layers))
    this.arrange()
  }

  /** @param {View["signals"]} mode */
  choose(mode) {
    this.mode = mode
    this.arrange()
    this.env.choose(this, { signals: mode })
  }

  arrange() {
    const beside = this.mode === "moments"
    this.all.host.classList.toggle("dl-away", this.mode !== "shape")
    this.second.classList.toggle("dl-away", this.mode === "shape" || beside)
    for (const node of [this.third, this.chooser]) node.classList.toggle("dl-away", !beside)
    for (const node of [this.all.caption, this.layer.place.node]) node.classList.toggle("dl-away", beside)
    this.all.node.classList.toggle("dl-whole", beside)
  }

  /** @param {Context} context */
  signature({ runs, moment }) {
    return signatureOf(runs, measuredAt(runs, moment, "std"))
  }

  // The moment that is shown joins those that are side by side, or leaves them.
  /** @param {number} step */
  put(step) {
    const others = this.steps.filter((known) => known !== step)
    const chosen = others.length < this.steps.length ? others : [...others, step].sort((one, other) => one - other)
    this.env.choose(this, { beside: chosen.join() })
  }

  /** @param {Context} context */
  drawBeside(context) {
    const { moments, theme } = context
    const asked = context.beside.split(",").map((step) => moments.measuredAt(Number(step)) ?? 0)
    this.steps = context.beside ? [...new Set(asked)] : moments.beside
    this.now = context.cursor ?? last(moments.steps) ?? 0
    const known = this.steps.includes(this.now)
    say(this.add, `${known ? "without" : "add"} step ${whole(this.now)}`)
    this.add.disabled = known ? this.steps.length < 2 : this.steps.length >= MOST
    this.usual.hidden = !context.beside
    const columns = columnsAt(context, this.steps)
    const drawn = columns.flatMap(({ shown }) => shown.map(({ store, probe }) => `${store.id} ${probe.step}`))
    if (!drawn.length || this.beside.only([context.look, ...drawn].join(), {}, this.card.view.alt)) return
    const { traces, patch } = multiples(columns, context, (spans) => this.span("ridge", spans))
    this.beside.draw(traces, patch, theme, this.card.view.alt)
  }

  /** @param {Context} context */
  draw(context) {
    if (this.mode === "moments") return this.drawBeside(context)
    const { moment, theme } = context
    const quantity = this.mode === "shape" ? "histogram" : "std"
    const drawn = leaders(context.runs, context.bands) // of a band one: its seeds would fill the room
    const measured = measuredAt(drawn, moment, quantity).filter(({ store }) => store.started)
    if (!measured.length) return
    this.layers = measured.map(({ probe }) => probe[quantity]?.length ?? 0)
    // one picked depth for all: in a net of other depth, the layer at the same share of the way
    const picked = this.layers.map((layers) => Math.round(context.picked * (layers - 1)))
    const runs = /** @type {Picked[]} */ (measured.map((run, index) => ({ ...run, picked: picked[index] })))
    const beside = this.mode === "shape" ? fitting(runs, this.ridge, theme) : runs
    const more = fewer(beside, drawn, context.runs) || "click a layer"
    say(this.all.caption, `${when(runs, moment, quantity)} · ${more}`)
    if (this.mode === "shape") {
      const { traces, patch } = ridge(/** @type {Outlined[]} */ (beside), theme, this.ridge, (spans) =>
        this.span("ridge", spans),
      )
      this.ridge.draw(traces, patch, theme, this.card.view.alt)
    } else {
      const layers = Math.max(...this.layers)
      const deepest = picked[this.layers.indexOf(layers)]
      const { traces, patch } = this.spread.shown(this.mode, runs, deepest, layers, this.lines.base, theme)
      this.lines.means({ yaxis: this.mode })
      this.lines.draw(traces, patch, theme, this.card.view.alt)
    }
    this.layer.draw(runs, context, (spans) => this.span(`layer ${context.picked}`, spans), this.card.view.alt)
  }

  // The visible part of the response axis: grows with the data, never shrinks by itself.
  /** @type {(name: string, spans: Range[]) => Range} */
  span(name, spans) {
    const low = Math.min(...spans.map(([start]) => start), this.spans[name]?.[0] ?? -LEAST_SPAN)
    const high = Math.max(...spans.map(([, end]) => end), this.spans[name]?.[1] ?? LEAST_SPAN)
    this.spans[name] = [low, high]
    return [low, high]
  }

  destroy() {
    for (const chart of [this.ridge, this.lines, this.beside, this.layer]) chart.destroy()
  }
}
