// What flows where? Branch against shortcut on residual blocks; the channel ledger of dense blocks.
import { el, segmented } from "../../shared/dom.js"
import vocabulary from "../../vocabulary.js"
import { Card } from "../card.js"
import { measuredAt } from "../moments.js"
import { signatureOf } from "../words.js"
import { Ledger } from "./ledger.js"
import { OverLayers } from "./overlayers.js"

/** @import { CardView, Context, Env, Known, Run } from "../types.js" */

const { branch_ratio: RATIO, weight_share: SHARE } = vocabulary.quantities

/** @implements {CardView} */
export class FlowCard {
  /** @param {Env} env */
  constructor(env) {
    this.env = env
    this.wanted = env.view.flow
    this.choice = segmented(
      "What to show",
      [
        ["blocks", RATIO.choice, RATIO.measured],
        ["ledger", SHARE.choice, SHARE.measured],
      ],
      this.wanted,
      (value) => {
        this.wanted = value
        env.choose(this, { flow: value })
      },
    )
    this.card = new Card("flow", env.figures.views.flow, [this.choice], () => env.enlarge(this))
    this.blocks = el("div", { class: "dl-two" })
    this.dense = el("div", { class: "dl-two" })
    this.card.body.append(this.blocks, this.dense)
    this.ratio = new OverLayers(env, this.blocks, "flow-now", "block", (store) => store.started?.blocks ?? [])
    this.ledger = new Ledger(env, this.dense)
  }

  /** @param {Context} context */
  signature({ runs, moment }) {
    const begun = runs.map(({ store }) => Boolean(store.started))
    const shown = [...measuredAt(runs, moment, "branch_ratio"), ...measuredAt(runs, moment, "weight_share")]
    return [signatureOf(runs, shown), begun].join()
  }

  /** @param {Context} context */
  draw(context) {
    const begun = context.runs.filter(({ store }) => store.started)
    const residual = begun.filter(({ store }) => store.started?.blocks?.length)
    const dense = begun.filter(({ store }) => store.started?.ledger?.length)
    const both = residual.length > 0 && dense.length > 0
    const mode = both ? this.wanted : residual.length ? "blocks" : "ledger"
    this.choice.hidden = !both
    this.choice.choose(mode)
    if (!residual.length && !dense.length) return
    this.blocks.classList.toggle("dl-away", mode !== "blocks")
    this.dense.classList.toggle("dl-away", mode !== "ledger")
    if (mode === "blocks") this.drawBlocks(context, residual)
    else this.drawLedger(context, dense[this.chooseDense(dense)])
  }

  // Two DenseNets have a ledger each: which one is seen can be chosen.
  /** @param {Run[]} dense */
  chooseDense(dense) {
    if (dense.length < 2) return 0
    if (!this.which) {
      /** @type {[value: string, text: string][]} */
      const options = dense.map(({ brief }, index) => [String(index), brief])
      this.which = segmented("Whose channels", options, this.env.view.ledger, (ledger) =>
        this.env.choose(this, { ledger }),
      )
      this.choice.after(this.which)
    }
    return Number(this.which.chosen())
  }

  /** @param {Context} context @param {Run[]} runs */
  drawBlocks(context, runs) {
    if (!measuredAt(runs, context.moment, "branch_ratio").length) return
    this.ratio.draw(
      { ...context, runs },
      "branch_ratio",
      RATIO.what,
      RATIO.unit,
      "Ratio of branch to shortcut for each residual block, at one step and over time.",
    )
  }

  /** @param {Context} context @param {Run} run */
  drawLedger(context, run) {
    const [shown] = measuredAt([run], context.moment, "weight_share")
    const alt = "Channels that each layer reads, stacked by source, and the share of its weight on each source."
    this.ledger.draw(run, shown?.probe, context, alt)
  }

  destroy() {
    this.ratio.destroy()
    this.ledger.destroy()
  }
}
