// Pictures on buttons.
import { svg } from "./dom.js"

/** @type {Record<string, string>} */
const PATHS = {
  play: "M7 4.5v15l12-7.5z",
  pause: "M6 5h4.2v14H6zM13.8 5H18v14h-4.2z",
  from: "M10 4H5v16h5v-2H7V6h3zM11 8l7 4-7 4z",
  to: "M14 4h5v16h-5v-2h3V6h-3zM13 8l-7 4 7 4z",
  close: "M6.4 5L5 6.4l5.6 5.6L5 17.6 6.4 19l5.6-5.6 5.6 5.6 1.4-1.4-5.6-5.6L19 6.4 17.6 5 12 10.6z",
  step: "M5 5v14l9.5-7zM16 5h3.2v14H16z",
  stop: "M6 6h12v12H6z",
  download: "M11 4h2v8.2l3.3-3.3 1.4 1.4L12 16l-5.7-5.7 1.4-1.4 3.3 3.3zM5 18h14v2H5z",
  enlarge: "M4 4h7v2H7.4l4 4-1.4 1.4-4-4V11H4zM20 20h-7v-2h3.6l-4-4 1.4-1.4 4 4V13h2z",
  shrink: "M11 11H4V9h3.6l-4-4L5 3.6l4 4V4h2zM13 13h7v2h-3.6l4 4-1.4 1.4-4-4V20h-2z",
}

/** @param {HTMLElement} button @param {string} name */
export function setIcon(button, name) {
  if (button.dataset.icon === name) return
  button.dataset.icon = name
  button.replaceChildren(svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: PATHS[name] })))
}
