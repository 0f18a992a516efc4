// The dashboard on a page that has no lab behind it.
import { Dashboard } from "../live/dashboard.js"
import { readFrom } from "../live/source.js"
import { hold } from "../live/story.js"
import { askedOf } from "./asked.js"
import { written } from "./written.js"

/** @import { Answer, ReportData } from "../told.js" */

/** @type {(data: ReportData, answers: Record<string, Answer>) => void} */
export function show({ live, choices, foretold }, answers) {
  readFrom(written(foretold, answers))
  hold(document.getElementById("story"))
  const nothing = () => {}
  const data = {
    ...live,
    asked: askedOf(location.search, choices),
    keeps: location.protocol !== "file:", // where browsers do not agree on what may stand behind a file's name
  }
  const parentElement = /** @type {HTMLElement} */ (document.getElementById("live"))
  const component = {
    data,
    parentElement,
    setStateValue: nothing,
    setTriggerValue: nothing,
  }
  const dashboard = new Dashboard(component)
  dashboard.start()
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dashboard.update(component))
}

// What is shown where that cannot be is one sentence.
/** @type {(load: () => Promise<void>, otherwise: string) => Promise<void>} */
export async function attempt(load, otherwise) {
  const place = /** @type {HTMLElement} */ (document.getElementById("live"))
  if (!("DecompressionStream" in window)) {
    place.textContent = "The charts need a browser from 2023 or later; what came of it stands below."
    return
  }
  try {
    await load()
  } catch (error) {
    console.warn(error)
    place.textContent = otherwise
  }
}
