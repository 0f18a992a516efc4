// A page of a web site: what it shows lies in files beside it (core/report/site.py).
import { loadPlotly } from "../live/chart.js"
import { unpacked } from "./packed.js"
import { refuse, show } from "./show.js"

/** @import { Answer } from "../told.js" */

/** @param {string} name */
async function beside(name) {
  const response = await fetch(new URL(name, document.baseURI))
  if (!response.ok) throw new Error(`The site lacks a file, ${name}: publish it again.`)
  return JSON.parse(await unpacked(new Uint8Array(await response.arrayBuffer())))
}

const { group = "", runs = "", plotly = "" } = document.getElementById("live")?.dataset ?? {}
try {
  const [data, ...answers] = await Promise.all([group, ...runs.split(" ")].map(beside))
  await loadPlotly(plotly)
  show(data, Object.fromEntries(answers.map((/** @type {Answer} */ answer) => [answer.run.id, answer])))
} catch (error) {
  refuse(error instanceof Error ? error : "The charts could not be loaded: load the page again.")
}
