// A report: all that it shows lies in the page itself (core/report/report.py).
import { bytesOf } from "../shared/decode.js"
import { el } from "../shared/dom.js"
import { unpacked } from "./packed.js"
import { attempt, show } from "./show.js"

/** @param {string} id */
const inside = (id) => unpacked(bytesOf(document.getElementById(id)?.textContent ?? ""))

await attempt(async () => {
  const { answers, ...data } = JSON.parse(await inside("packed-data"))
  document.head.append(el("script", { text: await inside("packed-plotly") }))
  show(data, answers)
}, "The charts could not be drawn: this file is not whole.")
