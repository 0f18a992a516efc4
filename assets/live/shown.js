// The moment that the page's dashboard shows, for what stands beside it; and what that asks the dashboard to show.

export const shown = new (class extends EventTarget {
  /** @type {Record<string, number>} the step that is shown, by run */
  steps = {}

  /** @param {Record<string, number>} steps */
  tell(steps) {
    this.steps = steps
    this.dispatchEvent(new Event("moment"))
  }

  /** @param {number} step of the longest run */
  ask(step) {
    this.dispatchEvent(new CustomEvent("asked", { detail: step }))
  }
})()
