// Does the gradient reach the first layer? Bars now, layer x step heatmap, for several quantities.
import { segmented } from "../../shared/dom.js"
import vocabulary from "../../vocabulary.js"
import { Card } from "../card.js"
import { measuredAt } from "../moments.js"
import { clipsAt, signatureOf } from "../words.js"
import { OverLayers } from "./overlayers.js"

/** @import { CardView, Context, Env, OfRows } from "../types.js" */

const QUANTITIES = Object.entries(vocabulary.quantities).filter(([, { view, choice }]) => view === "gradient" && choice)

/** @implements {CardView} */
export class GradientCard {
  /** @param {Env} env */
  constructor(env) {
    this.env = env
    this.quantity = env.view.gradient
    /** @type {[value: string, text: string, title: string][]} */
    const options = QUANTITIES.map(([name, { choice, measured }]) => [name, choice, measured])
    const choice = segmented("Quantity", options, this.quantity, (value) => this.choose(value))
    this.card = new Card("gradient", env.figures.views.gradient, [choice], () => env.enlarge(this))
    this.card.body.classList.add("dl-two")
    this.charts = new OverLayers(env, this.card.body, "gradient-now", "layer", (store) => store.started?.layers ?? [])
  }

  /** @param {OfRows} quantity */
  choose(quantity) {
    this.quantity = quantity
    this.charts.resetRanges()
    this.env.choose(this, { gradient: quantity })
  }

  /** @param {Context} context */
  signature({ runs, moment }) {
    return signatureOf(runs, measuredAt(runs, moment, this.quantity))
  }

  /** @param {Context} context */
  draw(context) {
    const { runs, moment } = context
    if (!measuredAt(runs, moment, this.quantity).length) return
    const { what, unit } = vocabulary.quantities[this.quantity]
    const clipped = unit === "norm" && runs.some(({ store }) => clipsAt(store))
    this.charts.draw(context, this.quantity, clipped ? "gradient before clipping" : what, unit, this.card.view.alt)
  }

  destroy() {
    this.charts.destroy()
  }
}
