// Does the gradient reach the first layer? Bars now, layer x step heatmap, for three quantities.
import { Card } from "../card.js"
import { segmented } from "../dom.js"
import { short } from "../format.js"
import { nothingYet, pairs } from "../words.js"
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

  signature({ runs }) {
    return runs.map(({ store }) => store.versions.probe).join()
  }

  draw(context) {
    const drawn = context.runs.filter(({ store }) => store.probeAt(null, this.quantity))
    if (!drawn.length) return this.card.setNothing(nothingYet(context.runs))
    this.card.setEmpty("")
    this.card.setFinding(finding(drawn, this.quantity, context.cursor))
    const [, what, , measure] = QUANTITIES[this.quantity]
    this.charts.draw(context, this.quantity, what, measure, this.card.alt())
  }

  destroy() {
    this.charts.destroy()
  }
}

// First layer against last convolution: the classifier's gradient has another scale.
function finding(runs, quantity, cursor) {
  const name = QUANTITIES[quantity][2]
  const ratios = runs.map(({ store }) => {
    const values = store.probeAt(cursor, quantity)[quantity]
    return values[0] / values[Math.max(values.length - 2, 0)]
  })
  if (runs.length === 1) return `${name}: first layer ${short(ratios[0])} × the last convolution`
  return `${name}, first ÷ last: ${pairs(
    runs,
    ratios.map((ratio) => short(ratio)),
  )}`
}
