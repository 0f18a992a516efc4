// A figure for a paper: a title, who is who, pictures and a note on white ground, as SVG or PNG.
import { el, svg } from "./dom.js"

/**
 * A picture and its place: SVG text, a canvas, or data and layout for Plotly; a line above it.
 * @typedef {object} Picture
 * @property {string} [text] SVG
 * @property {HTMLCanvasElement} [canvas]
 * @property {{ data: any[], layout: any }} [plot]
 * @property {string} above
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 */
/**
 * @typedef {object} Figure
 * @property {string} title
 * @property {{ name: string, color: string, dash: string }[]} legend
 * @property {Picture[]} pictures places count from below the legend
 * @property {string} note
 * @property {{ font: string, text: string, muted: string }} theme of light ground
 */

const WIDTH = 1000 // px
const EDGE = 20 // px
const TITLE = { size: 20, line: 26 }
const TEXT = { size: 14, line: 20 }
const ABOVE = 18 // px of the line above a picture
const KEY = 26 // px of a line in the legend
const SAFE = 0.85 // of the room that lines may take: other machines have wider letters
// of lines, by Plotly's words for them; a solid one has none
/** @type {Record<string, string>} */
export const DASHES = { dash: "6 4", dot: "2 3" }
const SHARP = 2 // px of a PNG for each of the figure

// The room that pictures have, in px.
export const ROOM = WIDTH - 2 * EDGE

/** @param {Figure} figure @returns {Promise<string>} SVG */
export async function drawn({ title, legend, pictures, note, theme }) {
  const { font, text, muted } = theme
  const titled = lines(title, `600 ${TITLE.size}px ${font}`)
  const noted = lines(note, `${TEXT.size}px ${font}`)
  const keys = placed(legend, `${TEXT.size}px ${font}`)
  const head = EDGE + titled.length * TITLE.line + keys.rows * TEXT.line + 8
  const bottom = head + Math.max(0, ...pictures.map(({ y, height }) => y + height + ABOVE))
  const height = bottom + 8 + noted.length * TEXT.line + EDGE
  const root = svg(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width: WIDTH,
      height,
      viewBox: `0 0 ${WIDTH} ${height}`,
      "font-family": font,
    },
    svg("title", {}, title),
    svg("rect", { width: WIDTH, height, fill: "#ffffff" }),
    written(titled, EDGE, EDGE + TITLE.size, TITLE, { fill: text, "font-weight": 600 }),
    ...keys.places.map(({ name, color, dash, x, row }) => {
      const y = EDGE + titled.length * TITLE.line + row * TEXT.line + TEXT.size - 4
      const line = { x1: x, x2: x + KEY, y1: y, y2: y, stroke: color, "stroke-width": 3 }
      return svg(
        "g",
        {},
        svg("line", { ...line, "stroke-dasharray": DASHES[dash] ?? null }),
        svg("text", { x: x + KEY + 6, y: y + 5, fill: text, "font-size": TEXT.size }, name),
      )
    }),
    ...pictures.map(({ above, x, y }) =>
      svg("text", { x: EDGE + x, y: head + y + TEXT.size - 2, fill: muted, "font-size": TEXT.size - 1 }, above),
    ),
    written(noted, EDGE, bottom + 8 + TEXT.size, TEXT, { fill: muted }),
  )
  const inner = await Promise.all(pictures.map(async (each) => set(await textOf(each), each, head + ABOVE)))
  return new XMLSerializer().serializeToString(root).replace(/<\/svg>$/, `${inner.join("")}</svg>`)
}

// Saves the figure under that name.
/** @param {Figure} figure @param {string} name @param {"svg" | "png"} format */
export async function save(figure, name, format) {
  const text = await drawn(figure)
  const blob = new Blob([text], { type: "image/svg+xml" })
  const address = URL.createObjectURL(format === "png" ? await painted(blob) : blob)
  el("a", { href: address, download: `${name}.${format}` }).click()
  setTimeout(() => URL.revokeObjectURL(address), 10000)
}

/** @param {Picture} picture */
async function textOf({ text, canvas, plot, width, height }) {
  if (text) return text
  if (canvas) return `<svg><image width="${width}" height="${height}" href="${canvas.toDataURL()}"/></svg>`
  const config = { staticPlot: true }
  return Plotly.toImage({ ...plot, config }, { format: "svg", width, height, imageDataOnly: true })
}

// SVG text at its place in the figure.
/** @type {(text: string, picture: Picture, head: number) => string} */
const set = (text, { x, y, width, height }, head) =>
  text.replace(/<svg\b(?![^>]* x=)/, `<svg x="${EDGE + x}" y="${head + y}"`).replace(
    /<svg x="[^"]*" y="[^"]*">/, // one without a size
    (start) => `${start.slice(0, -1)} width="${width}" height="${height}">`,
  )

/** @param {Blob} blob @returns {Promise<Blob>} PNG */
async function painted(blob) {
  const image = new Image()
  const address = URL.createObjectURL(blob)
  image.src = address
  await image.decode()
  const canvas = el("canvas", { width: image.naturalWidth * SHARP, height: image.naturalHeight * SHARP })
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height)
  URL.revokeObjectURL(address)
  return new Promise((done, fail) =>
    canvas.toBlob((png) => (png ? done(png) : fail(new Error("no picture"))), "image/png"),
  )
}

/** @type {(lines: string[], x: number, y: number, type: { size: number, line: number }, more: Record<string, any>) => SVGTextElement} */
const written = (lines, x, y, { size, line }, more) =>
  svg(
    "text",
    { y, "font-size": size, ...more },
    ...lines.map((words, index) => svg("tspan", { x, dy: index ? line : 0 }, words)),
  )

/** @param {string} font */
function pen(font) {
  const context = /** @type {CanvasRenderingContext2D} */ (el("canvas").getContext("2d"))
  context.font = font
  return context
}

// Text in lines that fit the figure.
/** @type {(text: string, font: string) => string[]} */
function lines(text, font) {
  const context = pen(font)
  /** @type {string[]} */
  const result = []
  for (const word of text.split(" ").filter(Boolean)) {
    const longer = result.length ? `${result.at(-1)} ${word}` : word
    if (result.length && context.measureText(longer).width <= SAFE * ROOM) result[result.length - 1] = longer
    else result.push(word)
  }
  return result
}

// Names of the legend in rows that fit the figure.
/** @type {(legend: Figure["legend"], font: string) => { rows: number, places: (Figure["legend"][number] & { x: number, row: number })[] }} */
function placed(legend, font) {
  const context = pen(font)
  let [x, row] = [EDGE, 0]
  const places = legend.map((key) => {
    const width = KEY + 6 + context.measureText(key.name).width
    if (x > EDGE && x + width > WIDTH - EDGE) [x, row] = [EDGE, row + 1]
    const place = { ...key, x, row }
    x += width + 24
    return place
  })
  return { rows: places.length ? row + 1 : 0, places }
}
