// Do the signals stay in range? All layers now, and one layer over time.
import { el, say, segmented } from "../../shared/dom.js"
import vocabulary from "../../vocabulary.js"
import { Card, panel } from "../card.js"
import { Chart } from "../chart.js"
import { measuredAt } from "../findings/moment.js"
import { signalsFinding } from "../findings/signals.js"
import { nothingYet, signatureOf, when } from "../words.js"
import { OneLayer } from "./onelayer.js"
import { ridge } from "./ridge.js"
import { Spread } from "./spread.js"

const LEAST_SPAN = 1.8 // either side of 0 on the response axis: a vanished signal shall look narrow

export class SignalsCard {
  constructor(env) {
    this.env = env
    this.mode = env.view.signals
    const { histogram, std, dead } = vocabulary.quantities
    const options = [
      ["shape", histogram.choice, histogram.measured],
      ["spread", std.choice, std.measured],
      ["dead", dead.choice, dead.measured],
    ]
    const choice = segmented("What to show of each layer", options, this.mode, (value) => this.choose(value))
    this.card = new Card("signals", env.figures.views.signals, [choice], () => env.enlarge(this))
    this.card.body.classList.add("dl-two")
    this.all = panel("dl-now")
    this.second = el("div", { class: "dl-host" }) // either this or the ridge is seen
    this.all.node.append(this.second)
    this.card.body.append(this.all.node)
    this.ridge = new Chart(this.all.host, "ridge", env.figures)
    this.lines = new Chart(this.second, "statistics", env.figures)
    this.layer = new OneLayer(env, this.card.body)
    this.spread = new Spread()
    this.spans = {} // the part of the response axis in view, of the ridge and of each layer
    this.ridge.onClick = ({ y, axis }) => env.setPicked(Math.round(y) - 1, this.layers[axis === "y2" ? 1 : 0])
    this.lines.onClick = ({ x }) => env.setPicked(Math.round(x) - 1, Math.max(...this.layers))
    this.arrange()
  }

  choose(mode) {
    this.mode = mode
    this.arrange()
    this.env.choose(this, { signals: mode })
  }

  arrange() {
    this.all.host.classList.toggle("dl-away", this.mode !== "shape")
    this.second.classList.toggle("dl-away", this.mode === "shape")
  }

  signature({ runs, moment }) {
    return signatureOf(runs, measuredAt(runs, moment, "std"))
  }

  draw(context) {
    const { moment, theme } = context
    const quantity = this.mode === "shape" ? "histogram" : "std"
    const runs = measuredAt(context.runs, moment, quantity).filter(({ store }) => store.started)
    if (!runs.length) return this.card.setNothing(nothingYet(context.runs))
    this.card.setEmpty("")
    this.card.setFinding(signalsFinding(runs, moment, { also: context.also, several: context.runs.length > 1 }))
    this.layers = runs.map(({ probe }) => probe[quantity].length)
    // one picked depth for all: in a net of other depth, the layer at the same share of the way
    runs.forEach((run, index) => (run.picked = Math.round(context.picked * (this.layers[index] - 1))))
    say(this.all.caption, `${when(runs, moment)} · click a layer`)
    if (this.mode === "shape") {
      const { traces, patch } = ridge(runs, theme, (spans) => this.span("ridge", spans))
      this.ridge.draw(traces, patch, theme, this.card.alt())
    } else {
      const layers = Math.max(...this.layers)
      const { picked } = runs[this.layers.indexOf(layers)]
      const { traces, patch } = this.spread.shown(this.mode, runs, picked, layers, this.lines.base, theme)
      this.lines.draw(traces, patch, theme, this.card.alt())
    }
    this.layer.draw(runs, context, (spans) => this.span(`layer ${context.picked}`, spans), this.card.alt())
  }

  // The visible part of the response axis: grows with the data, never shrinks by itself.
  span(name, spans) {
    const low = Math.min(...spans.map(([start]) => start), this.spans[name]?.[0] ?? -LEAST_SPAN)
    const high = Math.max(...spans.map(([, end]) => end), this.spans[name]?.[1] ?? LEAST_SPAN)
    this.spans[name] = [low, high]
    return [low, high]
  }

  destroy() {
    for (const chart of [this.ridge, this.lines, this.layer]) chart.destroy()
  }
}
