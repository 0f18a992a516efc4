// A page of a web site: what it shows lies in files beside it (core/report/site.py).
import { loadPlotly } from "../live/chart.js"
import { unpacked } from "./packed.js"
import { attempt, show } from "./show.js"

/** @import { Answer } from "../told.js" */

/** @param {string} name */
async function beside(name) {
  const response = await fetch(new URL(name, document.baseURI))
  if (!response.ok) throw new Error(`${name}: ${response.status}`)
  return JSON.parse(await unpacked(new Uint8Array(await response.arrayBuffer())))
}

await attempt(async () => {
  const { group = "", runs = "", plotly = "" } = document.getElementById("live")?.dataset ?? {}
  const [data, ...answers] = await Promise.all([group, ...runs.split(" ")].map(beside))
  await loadPlotly(plotly)
  show(data, Object.fromEntries(answers.map((/** @type {Answer} */ answer) => [answer.run.id, answer])))
}, "The charts could not be loaded: load the page again, or publish the site anew.")
