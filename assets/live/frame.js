// How much of the page the dashboard takes.
import { roomFor } from "../shared/mount.js"

const LEAST_CARD = 279 // px of a view, so that its plots keep 140 px
const GAPS = 34 // px between and below the views, and of the time bar
const BELOW = 10 // px that stay free under the dashboard
const NARROW = 760 // px; below it the views are stacked
const ALONE = 320 // px of a single view that stands among other things

// As high as the window leaves room for. On a low screen two of four views, in `rows`, are seen at once, and the page
// scrolls to the other two.
/** @param {HTMLElement} root @param {number} rows @param {boolean} alone a single view among other things */
export function fit(root, rows, alone) {
  root.classList.toggle("dl-only", alone)
  const narrow = !alone && root.clientWidth < NARROW
  root.classList.toggle("dl-narrow", narrow)
  const lines = root.querySelector(".dl-bars")?.clientHeight ?? 0
  const least = lines + rows * LEAST_CARD + GAPS
  const prose = /** @type {HTMLElement | null} */ (root.querySelector(".dl-prose:not([hidden])"))?.offsetHeight ?? 0
  root.style.setProperty("--dl-prose", `${prose}px`) // what explains a view takes no room from its charts
  root.style.height = narrow ? "" : `${prose + (alone ? ALONE : Math.max(roomFor(root, BELOW), least))}px`
}

// `pair`: which two of the four views fill the window; empty: none does.
/** @param {HTMLElement} root @param {string} pair */
export function stage(root, pair) {
  root.classList.toggle("dl-present", pair !== "")
  root.classList.toggle("dl-second-pair", pair === "2")
}
