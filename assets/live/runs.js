// The runs of a dashboard: what they are called, how they are drawn, and which of them are hidden.
import { storeOf } from "./poller.js"
import { hides, toggled } from "./view.js"

/** @import { RunName } from "../told.js" */
/** @import { RunStore } from "./store.js" */
/** @import { Run, View } from "./types.js" */

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
    return this.names.find((run) => run.id === id)?.lit ?? ""
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

  // What is known of those that are drawn.
  /** @param {View} view */
  shown(view) {
    const runs = this.stores.map((store) => ({ store, ...this.named(store) }))
    return /** @type {Run[]} */ (runs.filter(({ store }) => store.summary && !this.hides(store, view)))
  }
}
