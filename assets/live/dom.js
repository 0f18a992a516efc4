// Elements without innerHTML: user text only ever becomes textContent.
const SVG = "http://www.w3.org/2000/svg"

export const ICONS = {
  play: "M7 4.5v15l12-7.5z",
  pause: "M6 5h4.2v14H6zM13.8 5H18v14h-4.2z",
  step: "M5 5v14l9.5-7zM16 5h3.2v14H16z",
  stop: "M6 6h12v12H6z",
  enlarge: "M4 4h7v2H7.4l4 4-1.4 1.4-4-4V11H4zM20 20h-7v-2h3.6l-4-4 1.4-1.4 4 4V13h2z",
  shrink: "M11 11H4V9h3.6l-4-4L5 3.6l4 4V4h2zM13 13h7v2h-3.6l4 4-1.4 1.4-4-4V20h-2z",
}

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") node.textContent = value
    else if (name.startsWith("on")) node[name] = value
    else if (value === true) node.setAttribute(name, "")
    else if (value !== false && value != null) node.setAttribute(name, value)
  }
  node.append(...children)
  return node
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg")
  svg.setAttribute("viewBox", "0 0 24 24")
  svg.setAttribute("aria-hidden", "true")
  const path = document.createElementNS(SVG, "path")
  path.setAttribute("d", ICONS[name])
  svg.append(path)
  return svg
}

export function setIcon(button, name) {
  if (button.dataset.icon === name) return
  button.dataset.icon = name
  button.replaceChildren(icon(name))
}

// Writes only what changed: the browser then repaints nothing else, and selections survive.
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text
}

// One line of text with keys behind it, written where it changed; what does not fit is in its tooltip.
export function caption(node, text, keys = []) {
  const line = el("span", {}, text, ...keys)
  if (node.firstElementChild?.outerHTML === line.outerHTML) return
  node.title = [text, ...keys.map((key) => key.textContent)].join(" · ")
  node.replaceChildren(line)
}

export function segmented(label, options, chosen, onChoose) {
  const group = el("div", { class: "dl-segmented", role: "group", "aria-label": label })
  const buttons = options.map(([value, text, title]) =>
    el("button", { type: "button", text, title, "data-value": value, onclick: () => choose(value, true) }),
  )
  const choose = (value, told) => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.value === value))
    if (told) onChoose(value)
  }
  group.append(...buttons)
  choose(chosen, false)
  group.choose = (value) => choose(value, false)
  group.chosen = () => buttons.find((button) => button.getAttribute("aria-pressed") === "true").dataset.value
  return group
}
