/** @import { Palette } from "../told.js" */

/** @typedef {ReturnType<typeof readTheme>} Theme */

// Charts take the colours of Streamlit's theme, as computed on the component's own element.
/** @param {Element} element */
export function readTheme(element) {
  const computed = getComputedStyle(element)
  /** @param {string} name @param {string} otherwise */
  const variable = (name, otherwise) => {
    const value = computed.getPropertyValue(name).trim()
    return value && value !== "unset" ? value : otherwise
  }
  return themeOf({
    background: variable("--st-background-color", LIGHT.background),
    text: variable("--st-text-color", LIGHT.text),
    accent: variable("--st-primary-color", "#0072B2"),
    font: computed.fontFamily,
    scale: Number(variable("--dl-type", "1")),
  })
}

const LIGHT = { background: "#ffffff", text: "#1b2430" }

const PAPER = "Helvetica, Arial, sans-serif" // which those who open a figure have, or what is as wide

// The same for paper: on white ground, in type of the usual size.
/** @param {Theme} theme @returns {Theme} */
export const lightOf = ({ accent }) => themeOf({ ...LIGHT, accent, font: PAPER, scale: 1 })

// scale: of type and lines, larger for a projector
/** @param {{ background: string, text: string, accent: string, font: string, scale: number }} chosen */
function themeOf({ background, text, accent, font, scale }) {
  const dark = luminance(background) < 0.4
  return {
    dark,
    name: dark ? "dark" : "light",
    background,
    text,
    muted: mix(text, background, 0.3),
    grid: mix(text, background, 0.88),
    line: mix(text, background, 0.6),
    accent,
    font,
    scale,
  }
}

/** @param {string} colour @returns {number[]} of red, green, blue up to 255 */
export function rgb(colour) {
  if (colour.startsWith("#")) {
    const digits = colour.length < 6 ? [...colour.slice(1, 4)].map((digit) => digit + digit).join("") : colour.slice(1)
    return [0, 2, 4].map((start) => parseInt(digits.slice(start, start + 2), 16))
  }
  return (colour.match(/[\d.]+/g) ?? ["0", "0", "0"]).slice(0, 3).map(Number)
}

/** @type {(colour: string, other: string, share: number) => string} */
export function mix(colour, other, share) {
  const second = rgb(other)
  return `rgb(${rgb(colour).map((channel, index) => Math.round(channel + (second[index] - channel) * share))})`
}

/** @type {(colour: string, opacity: number) => string} */
export const fade = (colour, opacity) => `rgba(${rgb(colour)},${opacity})`

/** @param {string} colour */
export function luminance(colour) {
  const [red, green, blue] = rgb(colour).map((channel) => channel / 255)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

// Ratio of the WCAG: 4.5 is enough for text.
/** @type {(colour: string, other: string) => number} */
export function contrast(colour, other) {
  const [low, high] = [linear(colour), linear(other)].sort((first, second) => first - second)
  return (high + 0.05) / (low + 0.05)
}

/** @param {string} colour */
function linear(colour) {
  const parts = rgb(colour)
    .map((channel) => channel / 255)
    .map((share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4))
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
}

const READABLE = 4.5
const SEEN = 3

// A colour of graphics as letters can have it: nearer to the text's, as far as reading asks for.
/** @type {(colour: string, theme: Pick<Theme, "text" | "background">) => string} */
export const readable = (colour, theme) => nearer(colour, theme, READABLE)

// The same for lines, which need less.
/** @type {(colour: string, theme: Pick<Theme, "text" | "background">) => string} */
export const visible = (colour, theme) => nearer(colour, theme, SEEN)

/** @type {(colour: string, theme: Pick<Theme, "text" | "background">, least: number) => string} */
function nearer(colour, { text, background }, least) {
  let share = 0
  while (share < 1 && contrast(mix(colour, text, share), background) < least) share += 0.05
  return mix(colour, text, share)
}

// One colour a source of a dense layer, the block's input first (core/figures/palette.py, source_colours).
/** @type {(count: number, palette: Palette, theme: Pick<Theme, "name">) => string[]} */
export function sourceColours(count, palette, theme) {
  const { input, stops } = palette.sources[theme.name]
  const colours = [input]
  for (let index = 0; index < count - 1; index++) {
    const position = (index / Math.max(count - 2, 1)) * (stops.length - 1)
    const left = Math.min(Math.floor(position), stops.length - 2)
    colours.push(mix(stops[left], stops[left + 1], position - left))
  }
  return colours.slice(0, count)
}
