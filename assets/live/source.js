// Where the data of a dashboard comes from: the lab's server, or what was written beside the page (assets/report).

/** @import { Answer, Findings } from "../told.js" */
/** @import { Question } from "./moments.js" */

/** @typedef {{ missing: string }} Missing a sentence: there is no such run */

/**
 * Both promises are rejected where nobody answers.
 * @typedef {object} Source
 * @property {(id: string, after: number) => Promise<Answer | Missing>} events of a run, after that cursor
 * @property {(question: Question) => Promise<Findings>} findings
 */

const SIGNALS = { shape: "histogram", moments: "histogram", spread: "std", dead: "dead" }
const FLOW = { blocks: "branch_ratio", ledger: "weight_share" }

// The quantities that the views show.
/** @type {(asked: Question["asked"]) => { gradient: string, signals: string, flow: string, ledger: string }} */
export const quantitiesOf = ({ gradient, signals, flow, ledger }) => ({
  gradient,
  signals: SIGNALS[signals],
  flow: FLOW[flow],
  ledger,
})

/** @param {string} address below the page's own */
const get = (address) =>
  fetch(new URL(address, document.baseURI), { signal: AbortSignal.timeout(10000), cache: "no-store" })

/** @type {Source} */
const server = {
  async events(id, after) {
    const response = await get(`./api/runs/${encodeURIComponent(id)}/events?after=${after}`)
    if (!response.headers.get("content-type")?.includes("json")) throw new Error("the server gave a page, not data")
    const answer = await response.json()
    if (response.status === 404) return { missing: answer.error }
    if (!response.ok) throw new Error(answer.error)
    return answer
  },

  async findings(question) {
    const response = await get(addressOf(question))
    if (!response.ok) throw new Error("the server has no findings")
    return response.json()
  },
}

/** @type {(question: Question) => string} */
export function addressOf({ ids, asked, away }) {
  const query = new URLSearchParams({ runs: ids.join(), ...quantitiesOf(asked) })
  if (asked.cursor !== null) query.set("step", String(asked.cursor))
  if (away.length) query.set("hidden", away.join())
  return `./api/findings?${query}`
}

let chosen = server

export const source = () => chosen

/** @param {Source} other */
export function readFrom(other) {
  chosen = other
}
