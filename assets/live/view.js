// What a viewer has chosen of the dashboard: its name here, its key in the address (core/web/train/view.py reads that),
// and what is usual, which the address leaves out.
import { isNumber } from "../shared/numbers.js"

/** @import { View } from "./types.js" */

/** @type {[name: keyof View, key: string, usual: View[keyof View]][]} */
const PARTS = [
  ["unit", "l_time", "step"],
  ["lossAxis", "l_loss", "linear"],
  ["smooth", "l_smooth", ""], // over so many steps; empty: a share of an epoch
  ["gradient", "l_gradient", "weight_grad"],
  ["signals", "l_signals", "shape"],
  ["beside", "l_beside", ""], // the moments that are side by side, with commas between; empty: as usual
  ["flow", "l_flow", "blocks"],
  ["ledger", "l_ledger", "0"], // of which run, where two have one
  ["picked", "l_layer", 0.5], // the layer, as a share of the way from the first to the last
  ["large", "l_large", ""], // the card that is alone
  ["present", "l_present", ""], // which two of the four views fill the window; empty: none does
  ["hidden", "l_hidden", ""], // which runs are not drawn: their numbers from 1, with commas between
  ["base", "l_base", ""], // the run that curves show the differences to: its number from 1; empty: none
  ["state", "l_state", ""], // playing, or empty
  ["cursor", "l_step", null], // the step that all views show; null: the newest
  ["from", "l_from", null], // the part that a replay goes round in; null: to its end
  ["to", "l_to", null],
  ["speed", "l_speed", "1"], // of a replay
]

/** @type {(asked: Record<string, string | number>) => View} */
export const viewOf = (asked) =>
  /** @type {any} */ (Object.fromEntries(PARTS.map(([name, key, usual]) => [name, asked[key] ?? usual])))

/** @type {(view: View) => Record<string, string | null>} */
export const addressOf = (view) =>
  Object.fromEntries(PARTS.map(([name, key, usual]) => [key, view[name] === usual ? null : written(view[name])]))

/** @type {(value: unknown) => string | null} */
const written = (value) => (isNumber(value) ? String(Number(value.toFixed(3))) : value === null ? null : String(value))

/** @type {(view: View, index: number) => boolean} */
export const hides = ({ hidden }, index) => hidden.split(",").includes(String(index + 1))

// The run with that index becomes the baseline, or is it no more.
/** @type {(view: View, index: number) => string} */
export const based = ({ base }, index) => (base === String(index + 1) ? "" : String(index + 1))

// Hidden runs once the one with that index is hidden too, or shown again.
/** @type {(view: View, index: number, count: number) => string} */
export function toggled(view, index, count) {
  const all = [...Array(count).keys()].filter((each) => hides(view, each) !== (each === index))
  return all.length < count ? all.map((each) => each + 1).join() : view.hidden // one stays
}
