// The live dashboard as a component of the lab: mounted by core/web/train/live.py.
import { loadSheet } from "../shared/mount.js"
import { loadPlotly } from "./chart.js"
import { Dashboard } from "./dashboard.js"

/** @import { Component } from "../shared/mount.js" */
/** @import { LiveData } from "../told.js" */

const SHEET = new URL("./live.css", import.meta.url).href
/** @type {WeakMap<Element, Dashboard>} */
const dashboards = new WeakMap()

// Called by Streamlit after every script run and when the theme changes.
/** @param {Component<LiveData>} component */
export async function mount(component) {
  const { data, parentElement } = component
  const known = dashboards.get(parentElement)
  if (known?.shows(data.runs)) return known.update(component)
  known?.destroy()
  const dashboard = new Dashboard(component, known?.view)
  dashboards.set(parentElement, dashboard)
  try {
    await Promise.all([loadPlotly(data.plotly), loadSheet(SHEET)])
  } catch {
    dashboard.root.textContent = "The charts could not be loaded from the server: reload the page."
    return
  }
  if (dashboards.get(parentElement) === dashboard) dashboard.start()
}

/** @param {Element} parentElement */
export function unmount(parentElement) {
  dashboards.get(parentElement)?.destroy()
  dashboards.delete(parentElement)
}
