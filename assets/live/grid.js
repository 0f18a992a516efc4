// The four views, or the one that is alone.
import { el } from "../shared/dom.js"
import { EXPLAINED } from "./card.js"
import { FlowCard } from "./cards/flow.js"
import { GradientCard } from "./cards/gradient.js"
import { LearnCard } from "./cards/learn.js"
import { SignalsCard } from "./cards/signals.js"

/** @import { CardView, Context, Env } from "./types.js" */

export class Grid {
  /** @type {CardView | null} the one that is alone */
  large = null
  frame = 0

  /** @param {Env} env */
  constructor(env) {
    /** @type {CardView[]} */
    this.cards = [LearnCard, GradientCard, SignalsCard, FlowCard].map((View) => new View(env))
    for (const view of this.cards) view.card.onDownload = (format) => env.download(view, format)
    this.node = el("div", { class: "dl-grid" }, ...this.cards.map(({ card }) => card.node))
    this.node.addEventListener(EXPLAINED, ({ target }) => {
      for (const { card } of this.cards) if (card.node !== target && !card.prose.hidden) card.explain(false) // one at a time
    })
  }

  /** @param {string} id */
  named(id) {
    return this.cards.find(({ card }) => card.id === id) ?? null
  }

  // The view whose explanation stands over it.
  explained() {
    return this.cards.find(({ card }) => !card.prose.hidden)?.card
  }

  // One view alone, or all four.
  /** @param {CardView | null} view */
  show(view) {
    this.large = view
    this.node.classList.toggle("dl-one", Boolean(view))
    for (const each of this.cards) each.card.setLarge(each === view)
  }

  stale() {
    for (const view of this.cards) view.stale = true
  }

  // One card a frame, so that the page stays quick.
  /** @param {Context} context */
  draw(context, views = this.cards) {
    const [view, ...rest] = views
    const drawn = this.drawCard(view, context)
    if (!rest.length) return
    if (drawn) this.frame = requestAnimationFrame(() => this.draw(context, rest))
    else this.draw(context, rest)
  }

  /** @param {CardView} view @param {Context} context */
  drawCard(view, context) {
    const { card } = view
    const said = context.moments.said(card.id, context)
    if (said || !context.playing) card.tell(said) // a film keeps the last sentence, which names its step
    const signature = view.signature(context)
    const news = signature !== view.drawnSignature
    if (!news && !view.stale) return false
    view.stale = false
    card.setWhy({ images: context.runs[0]?.store.summary.probe_images })
    view.draw(context)
    if (news && view.drawnSignature !== undefined) card.updated()
    view.drawnSignature = signature
    return true
  }

  destroy() {
    cancelAnimationFrame(this.frame)
    for (const view of this.cards) view.destroy()
  }
}
