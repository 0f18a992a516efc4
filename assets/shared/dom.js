// Elements without innerHTML: user text only ever becomes textContent.
const SVG = "http://www.w3.org/2000/svg"

export const el = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children)

export const svg = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS(SVG, tag), attributes, children)

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") node.textContent = value
    else if (name.startsWith("on")) node[name] = value
    else if (value === true) node.setAttribute(name, "")
    else if (value !== false && value != null) node.setAttribute(name, value)
  }
  node.append(...children)
  return node
}

// Writes only what changed: the browser then repaints nothing else, and selections survive.
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text
}

// Buttons of which one is chosen: options are [value, text, title].
export function segmented(label, options, chosen, onChoose) {
  const group = el("div", { class: "ds-segmented", role: "group", "aria-label": label })
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
