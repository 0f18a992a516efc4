// Does the gradient reach the first layer? Bars now, layer x step heatmap, for three quantities.
import { Card } from "../card.js"
import { segmented } from "../dom.js"
import { gradientFinding } from "../findings/gradient.js"
import { measuredAt } from "../findings/moment.js"
import { clipsAt, nothingYet, signatureOf } from "../words.js"
import { OverLayers } from "./overlayers.js"

const QUANTITIES = {
  weight_grad: ["weights", "weight gradient", "Gradient", "norm"],
  signal_grad: ["activations", "activation gradient", "Activation gradient", "norm"],
  update_ratio: ["update ÷ weight", "update ÷ weight", "Relative update", "ratio"],
}

export class GradientCard {
  constructor(env) {
    this.env = env
    this.quantity = "weight_grad"
    const options = Object.entries(QUANTITIES).map(([value, [text, , title]]) => [value, text, title])
    const choice = segmented("Quantity", options, this.quantity, (value) => this.choose(value))
    this.card = new Card("gradient", env.figures.views.gradient, [choice], () => env.enlarge(this))
    this.card.body.classList.add("dl-two")
    this.charts = new OverLayers(env, this.card.body, "gradient-now", "layer", (store) => store.started?.layers ?? [])
  }

  choose(quantity) {
    this.quantity = quantity
    this.charts.resetRanges()
    this.env.redraw(this)
  }

  signature({ runs, moment }) {
    return signatureOf(runs, measuredAt(runs, moment, this.quantity))
  }

  draw(context) {
    const { runs, moment, also } = context
    const shown = measuredAt(runs, moment, this.quantity)
    if (!shown.length) return this.card.setNothing(nothingYet(runs))
    this.card.setEmpty("")
    this.card.setFinding(gradientFinding(shown, this.quantity, moment, { also, several: runs.length > 1 }))
    const [, what, , measure] = QUANTITIES[this.quantity]
    const clipped = this.quantity !== "update_ratio" && runs.some(({ store }) => clipsAt(store))
    this.charts.draw(context, this.quantity, clipped ? "gradient before clipping" : what, measure, this.card.alt())
  }

  destroy() {
    this.charts.destroy()
  }
}
