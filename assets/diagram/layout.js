// Where the stages and units of a net stand in a drawing of a given width: deep nets collapse to stages.
import { clamp } from "../shared/numbers.js"

/** @import { DrawnForm, DrawnStage, ShownNet } from "../told.js" */

/** @typedef {DrawnStage["units"][number]} Unit */
/** @typedef {{ unit: Unit, index: number, x: number, width: number }} PlacedUnit */
/** @typedef {{ units: PlacedUnit[], before: number, after: number, shown: number }} Inside */
/** @typedef {Inside & { stage: DrawnStage, kind: string, open: boolean, x: number, width: number }} Placed */

/** @type {Record<string, number>} */
const SINGLE = { stem: 66, transition: 62, head: 78 } // px wide
const GAP = 14 // px between stages
/** @type {[low: number, high: number]} */
const CLOSED = [74, 128] // px wide, a stage that is not opened: at least, at most
export const PAGER = 38 // px wide
/** @type {Record<string, number>} */
const LEAST = { block: 25, layer: 19 } // px a unit
const MOST = 72
const OPENED = 100 // px for the units of the opened stage, at least

// "stage 2, block 3 of 9"
/** @type {(stage: DrawnStage, form: DrawnForm, index: number) => string} */
export function titleOf(stage, form, index) {
  const several = form.kind === "block" || form.kind === "layer"
  return several ? `${stage.title}, ${form.kind} ${index + 1} of ${stage.units.length}` : stage.title
}

/** @param {ShownNet} net */
const formKind = (net) => (/** @type {DrawnStage} */ stage) => net.forms[stage.units[0][1]].kind

// Stages of several units, and px for everything else.
/** @param {ShownNet} net */
function fixture(net) {
  const kindOf = formKind(net)
  const several = net.stages.filter((stage) => kindOf(stage) in LEAST)
  const fixed = net.stages.reduce((sum, stage) => sum + (SINGLE[kindOf(stage)] ?? 0), GAP * (net.stages.length - 1))
  return { several, fixed }
}

// Px below which nothing can be told: all stages but one closed, and in that one a few units between the pagers.
/** @param {ShownNet} net */
export function leastWidth(net) {
  const { several, fixed } = fixture(net)
  return fixed + CLOSED[0] * (several.length - 1) + 2 * PAGER + OPENED
}

/** @type {(net: ShownNet, width: number, openStage: DrawnStage, selected: string | null) => Placed[]} */
export function place(net, width, openStage, selected) {
  const kindOf = formKind(net)
  const { several, fixed } = fixture(net)
  const room = width - fixed
  const count = several.reduce((sum, stage) => sum + stage.units.length, 0)
  const least = Math.max(...several.map((stage) => LEAST[kindOf(stage)]))
  const all = room / count >= least
  const pitch = Math.min(room / count, MOST)
  const closed = clamp((room * 0.5) / Math.max(several.length - 1, 1), ...CLOSED)
  let x = all ? Math.max(0, (width - fixed - pitch * count) / 2) : 0
  return net.stages.map((stage) => {
    const kind = kindOf(stage)
    const single = kind in SINGLE
    const open = single || all || stage === openStage
    const wide = single
      ? SINGLE[kind]
      : all
        ? pitch * stage.units.length
        : open
          ? room - closed * (several.length - 1)
          : closed
    const placed = { stage, kind, open, x, width: wide, ...inside(stage, open, x, wide, least, selected) }
    x += wide + GAP
    return placed
  })
}

// The units of a stage that are shown, with how many are hidden before and after them.
/** @type {(stage: DrawnStage, open: boolean, x: number, width: number, least: number, selected: string | null) => Inside} */
function inside(stage, open, x, width, least, selected) {
  const count = stage.units.length
  if (!open) return { units: [], before: 0, after: 0, shown: 0 }
  const fits = width / count >= least
  const shown = fits ? count : Math.max(1, Math.floor((width - 2 * PAGER) / (least + 7)))
  const at = Math.max(
    0,
    stage.units.findIndex(([name]) => name === selected),
  )
  const first = fits ? 0 : clamp(Math.floor(at / shown) * shown, 0, count - shown)
  const pitch = Math.min((width - (fits ? 0 : 2 * PAGER)) / shown, fits && count === 1 ? width : MOST)
  const start = x + (width - pitch * shown) / 2
  const units = stage.units.slice(first, first + shown).map((unit, index) => ({
    unit,
    index: first + index,
    x: start + index * pitch,
    width: pitch,
  }))
  return { units, before: first, after: count - first - shown, shown }
}
