// A view as a figure for a paper: its charts drawn anew on light ground, in the places that they have on the page.
import { ROOM, save } from "../shared/figure.js"
import { lightOf } from "../shared/theme.js"
import { taking } from "./chart.js"

/** @import { CardView, Context } from "./types.js" */

const LEAST = 260 // px of a chart's height
const HINT = " · click a layer" // of captions that say what can be pressed
const LONGEST = 60 // letters of a file's name

// The caller draws the view again: its captions are now those of the figure.
/** @param {CardView} view @param {Context} context @param {"svg" | "png"} format */
export function download(view, context, format) {
  const { card } = view
  const theme = lightOf(context.theme)
  const taken = taking(() => view.draw({ ...context, theme }))
  const around = card.body.getBoundingClientRect()
  const stretch = ROOM / around.width
  const shown = taken.filter(({ host }) => host.clientWidth && host.clientHeight)
  const taller = Math.max(1, ...shown.map(({ host }) => LEAST / (host.clientHeight * stretch)))
  const pictures = shown.map(({ host, figure }) => {
    const box = host.getBoundingClientRect()
    const [width, height] = [box.width * stretch, box.height * stretch * taller].map(Math.round)
    const [x, y] = [(box.left - around.left) * stretch, (box.top - around.top) * stretch * taller]
    return {
      above: captionOf(host),
      plot: figure(width, height),
      x,
      y: Math.max(y - ABOVE * stretch, 0),
      width,
      height,
    }
  })
  const legend = context.runs.map(({ label, style }) => ({ name: label, ...style }))
  const names = context.runs.map(({ brief }) => brief).join("-")
  const name = `${card.id}-${names}`.replace(/[^\p{L}\p{N}.]+/gu, "-").slice(0, LONGEST)
  return save({ title: card.finding.textContent ?? "", legend, pictures, note: card.view.alt, theme }, name, format)
}

const ABOVE = 17 // px of a caption on the page

// What stands above a chart, without its keys, which the note explains.
/** @param {HTMLElement} host */
function captionOf(host) {
  const line = /** @type {HTMLElement | undefined} */ (
    host.closest(".dl-panel")?.querySelector(".dl-caption")?.cloneNode(true)
  )
  for (const key of line?.querySelectorAll(".dl-key:not(.dl-key-cell)") ?? []) key.remove()
  return (line?.textContent ?? "").replace(HINT, "")
}
