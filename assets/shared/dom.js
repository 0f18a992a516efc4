// Elements without innerHTML: user text only ever becomes textContent.
/**
 * Text, handlers, and what is set as it is; null and false are left out.
 * @typedef {object} Handlers
 * @property {string | null} [text]
 * @property {(event: MouseEvent) => void} [onclick]
 * @property {(event: KeyboardEvent) => void} [onkeydown]
 * @property {(event: SubmitEvent) => void} [onsubmit]
 */
/** @typedef {Handlers & { [name: string]: any }} Attributes */
/** @typedef {Node | string} Child */
/** @typedef {ReturnType<typeof segmented>} Segmented */

const SVG = "http://www.w3.org/2000/svg"

/** @type {<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, attributes?: Attributes, ...children: Child[]) => HTMLElementTagNameMap[Tag]} */
export const el = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children)

/** @type {<Tag extends keyof SVGElementTagNameMap>(tag: Tag, attributes?: Attributes, ...children: Child[]) => SVGElementTagNameMap[Tag]} */
export const svg = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS(SVG, tag), attributes, children)

/** @type {<Node extends Element>(node: Node, attributes: Attributes, children: Child[]) => Node} */
function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") node.textContent = value
    else if (name.startsWith("on")) Object.assign(node, { [name]: value })
    else if (value === true) node.setAttribute(name, "")
    else if (value !== false && value != null) node.setAttribute(name, value)
  }
  node.append(...children)
  return node
}

// Writes only what changed: the browser then repaints nothing else, and selections survive.
/** @type {(node: Element, text: string) => void} */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text
}

// A list that opens, of which one is chosen: options are [value, text, title].
/**
 * @param {string} label
 * @param {readonly (readonly [value: string, text: string, title?: string])[]} options
 * @param {string} chosen
 * @param {(value: string) => void} onChoose
 */
export function picked(label, options, chosen, onChoose) {
  const list = el(
    "select",
    { class: "ds-picked", "aria-label": label, title: label },
    ...options.map(([value, text, title]) => el("option", { value, text, title, selected: value === chosen })),
  )
  list.addEventListener("change", () => onChoose(list.value))
  return list
}

// Buttons of which one is chosen: options are [value, text, title].
/**
 * @param {string} label
 * @param {readonly (readonly [value: string, text: string, title?: string])[]} options
 * @param {string} chosen
 * @param {(value: any) => void} onChoose
 */
export function segmented(label, options, chosen, onChoose) {
  const group = el("div", { class: "ds-segmented", role: "group", "aria-label": label })
  const buttons = options.map(([value, text, title]) =>
    el("button", { type: "button", text, title, "data-value": value, onclick: () => choose(value, true) }),
  )
  /** @param {string} value @param {boolean} told */
  const choose = (value, told) => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.value === value))
    if (told) onChoose(value)
  }
  group.append(...buttons)
  choose(chosen, false)
  return Object.assign(group, {
    /** @param {string} value */
    choose: (value) => choose(value, false),
    chosen: () => buttons.find((button) => button.getAttribute("aria-pressed") === "true")?.dataset.value ?? chosen,
  })
}
