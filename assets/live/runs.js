// The runs of a dashboard: what they are called, how they are drawn, and which of them are hidden.
import { storeOf } from "./poller.js"
import { based, hides, toggled } from "./view.js"

/** @import { RunName } from "../told.js" */
/** @import { RunStore } from "./store.js" */
/** @import { Against } from "./baseline.js" */
/** @import { Moments } from "./moments.js" */
/** @import { Run, Style, View } from "./types.js" */

export class Runs {
  /** @param {RunName[]} names */
  constructor(names) {
    this.names = names
    this.stores = names.map(({ id }) => storeOf(id))
  }

  // Steps that are chosen are those of the longest run.
  get longest() {
    return this.stores.reduce((best, store) => (store.lastStep > best.lastStep ? store : best))
  }

  // A run as it is named beside the others.
  /** @param {RunStore} store */
  named(store) {
    return /** @type {RunName} */ (this.names.find(({ id }) => id === store.id))
  }

  // The colour of a run that is pointed at.
  /** @param {string} id */
  lit(id) {
    return this.names.find((run) => run.id === id)?.style.color ?? ""
  }

  // The first run of its race that goes on; a run that is alone leads itself.
  /** @param {RunStore} store */
  leads(store) {
    const group = store.summary?.group
    return (store.live && this.stores.find((other) => other.live && other.summary?.group === group)) || store
  }

  /** @type {(store: RunStore, view: View) => boolean} */
  hides(store, view) {
    return hides(view, this.stores.indexOf(store))
  }

  // What the view hides once this run is hidden too, or shown again.
  /** @type {(store: RunStore, view: View) => string} */
  toggled(store, view) {
    return toggled(view, this.stores.indexOf(store), this.stores.length)
  }

  // Whether the others are read against this run.
  /** @type {(store: RunStore, view: View) => boolean} */
  bases(store, { base }) {
    return base === String(this.stores.indexOf(store) + 1)
  }

  // The view's baseline once this run becomes it, or is it no more.
  /** @type {(store: RunStore, view: View) => string} */
  based(store, view) {
    return based(view, this.stores.indexOf(store))
  }

  // How a run is drawn: of very many, the baseline alone has its colour, which is the first where none is chosen.
  /** @type {(store: RunStore, view: View) => Style} */
  styleOf(store, view) {
    const { style, quiet } = this.named(store)
    const leads = view.base ? this.bases(store, view) : store === this.stores[0]
    return leads ? style : { ...style, color: quiet }
  }

  // What is known of those that are drawn.
  /** @param {View} view */
  shown(view) {
    const runs = this.stores.map((store) => {
      const style = this.styleOf(store, view)
      return { ...this.named(store), store, style, quiet: style.color !== this.named(store).style.color }
    })
    return /** @type {Run[]} */ (runs.filter(({ store }) => store.summary && !this.hides(store, view)))
  }

  // What curves show the differences to, counted as is told.
  /** @type {(view: View, told: Pick<Moments, "unit" | "sameData">) => Against | null} */
  against(view, { unit, sameData }) {
    const run = this.shown(view).find(({ store }) => this.bases(store, view))
    return run ? { run, unit, sameData } : null
  }
}
