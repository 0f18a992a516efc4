// One poller for the page: all watched runs are asked in the same tick, whoever watches them.
import vocabulary from "../vocabulary.js"
import { source } from "./source.js"
import { RunStore } from "./store.js"

const FAST = 1000 // ms between two ticks while something moves
const QUICK = 250 // while a run begins, and after a command
const SLOW = 5000 // paused, or nobody looks
const RARE = 20000 // all over; somebody may resume it
const LONGEST_WAIT = 15000
const HURRY = 15000 // after a command
const SOON = 5000 // in which a run begins that need not wait for others
const KEPT = 4 // runs nobody watches that stay known, for going back and forth

/** @typedef {(news: { changed: string[], lost: boolean }) => void} Listener */

/** @type {Map<string, RunStore>} */
const stores = new Map()
/** @type {Set<{ ids: string[], listener: Listener }>} */
const watchers = new Set()
/** @type {number | undefined} */
let timer
let failures = 0
let hurriedUntil = 0
let watchedFrom = 0
let round = 0

/** @param {string} id */
export function storeOf(id) {
  const store = stores.get(id) ?? new RunStore(id)
  stores.delete(id)
  stores.set(id, store)
  return store
}

// Calls listener({changed: ids, lost: boolean}) after each tick that changed something; returns how to stop.
/** @param {string[]} ids @param {Listener} listener */
export function watch(ids, listener) {
  const watcher = { ids, listener }
  watchers.add(watcher)
  for (const id of ids) storeOf(id)
  watchedFrom = Date.now()
  schedule(0)
  return () => {
    watchers.delete(watcher)
    if (!watchers.size) {
      clearTimeout(timer)
      round++
    }
    forgetOld()
  }
}

// A command is on its way: look at once, and often for a while.
export function hurry() {
  hurriedUntil = Date.now() + HURRY
  schedule(150)
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && watchers.size) schedule(0)
})

const watched = () => [...new Set([...watchers].flatMap((watcher) => watcher.ids))]

/** @param {number} delay */
function schedule(delay) {
  clearTimeout(timer)
  timer = setTimeout(tick, delay)
}

/** @param {PromiseSettledResult<boolean>} answer */
const isTrue = (answer) => answer.status === "fulfilled" && answer.value

async function tick() {
  const mine = ++round
  const ids = watched()
  const answers = await Promise.allSettled(ids.map(ask))
  if (mine !== round) return // a newer tick, or nobody is left
  const before = failures
  failures = answers.some((answer) => answer.status === "rejected") ? failures + 1 : 0
  const changed = ids.filter((_, index) => isTrue(answers[index]))
  if (changed.length || before > 0 !== failures > 0) {
    for (const { listener } of watchers) listener({ changed, lost: failures > 1 })
  } else if (failures === 2) {
    for (const { listener } of watchers) listener({ changed, lost: true })
  }
  schedule(pause(ids))
}

// What is said of runs may know later events than came before: they are fetched too, so that both stand together.
/** @param {{ id: string, seq: number }[]} known */
export const catchUp = (known) =>
  Promise.allSettled(known.filter(({ id, seq }) => storeOf(id).seq < seq).map(({ id }) => ask(id)))

/** @param {string} id @returns {Promise<boolean>} whether that changed anything */
async function ask(id) {
  const store = storeOf(id)
  const after = store.seq
  const answer = await source().events(id, after)
  if ("missing" in answer) {
    const news = store.missing === null
    store.missing = answer.missing
    return news
  }
  if (store.seq !== after) return false // another tick was faster
  store.missing = null
  return store.merge(answer)
}

/** @param {string[]} ids */
function pause(ids) {
  if (failures) return Math.min(FAST * 2 ** (failures - 1), LONGEST_WAIT)
  if (document.hidden) return SLOW
  const states = ids.map((id) => stores.get(id)?.summary?.status)
  const begins = states.includes("starting") || (states.includes("queued") && Date.now() < watchedFrom + SOON)
  if (begins || Date.now() < hurriedUntil) return QUICK
  if (states.some((state) => vocabulary.states[state ?? ""]?.moving)) return FAST
  return states.includes("paused") ? SLOW : RARE
}

function forgetOld() {
  const idle = [...stores.keys()].filter((id) => !watched().includes(id))
  for (const id of idle.slice(0, Math.max(idle.length - KEPT, 0))) stores.delete(id)
}
