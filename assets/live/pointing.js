// Pointing at a run lights it up everywhere: what is drawn of the others fades. Plotly is not asked to draw anything.
const POINT = "dl-point"
// what may belong to a run: lines, bars and heatmaps, names at their ends and strips beside them, lines of state, legends
const PARTS = ".trace, .hm, .annotation, .shapelayer path, [data-run]"

// Says that the pointer is on what belongs to these runs (ids with spaces between); empty: on none.
/** @param {Element} node @param {string} runs */
export const point = (node, runs) => node.dispatchEvent(new CustomEvent(POINT, { bubbles: true, detail: runs }))

export class Pointing {
  // `colourOf` says in which colour a run is lit.
  /** @param {HTMLElement} root @param {(id: string) => string} colourOf */
  constructor(root, colourOf) {
    this.root = root
    this.colourOf = colourOf
    root.addEventListener(POINT, (event) => this.at(/** @type {CustomEvent<string>} */ (event).detail))
    for (const kind of /** @type {const} */ (["pointerover", "focusin"]))
      root.addEventListener(kind, (event) => this.over(/** @type {Element} */ (event.target)))
    for (const kind of /** @type {const} */ (["pointerleave", "focusout"]))
      root.addEventListener(kind, () => this.at(""))
  }

  // Charts know for themselves on what the pointer is.
  /** @param {Element} target */
  over(target) {
    const place = target.closest(".dl-chart, [data-run]")
    if (!place?.classList.contains("dl-chart")) this.at(place?.getAttribute("data-run") ?? "")
  }

  /** @param {string} runs */
  at(runs) {
    if ((this.root.dataset.pointed ?? "") === runs) return
    this.root.dataset.pointed = runs
    if (runs) this.root.style.setProperty("--dl-lit", this.colourOf(runs.split(" ")[0]))
    light(this.root)
  }
}

// Of what is drawn in a node: lights what is pointed at, and fades the rest.
/** @param {Element} node */
export function light(node) {
  const root = /** @type {HTMLElement | null} */ (node.closest(".dl-root"))
  const runs = (root?.dataset.pointed ?? "").split(" ").filter(Boolean)
  for (const part of node.querySelectorAll(PARTS)) {
    const owners = runs.length ? ownersOf(part) : []
    const lit = owners.some((id) => runs.includes(id))
    part.classList.toggle("dl-lit", lit)
    part.classList.toggle("dl-faded", owners.length > 0 && !lit)
  }
}

/** @param {Element & { __data__?: any, dataset?: DOMStringMap }} part @returns {string[]} */
function ownersOf(part) {
  return (part.dataset?.run ?? part.__data__?.[0]?.trace?.meta ?? ofLayout(part)).split(" ").filter(Boolean)
}

// Annotations and shapes of Plotly know their place in the layout, which has their names.
/** @param {Element & { dataset?: DOMStringMap }} part @returns {string} */
function ofLayout(part) {
  const index = part.dataset?.index
  const host = /** @type {(Element & { _fullLayout?: any }) | null} */ (part.closest(".dl-chart"))
  if (index === undefined || !host?._fullLayout) return ""
  const list = part.classList.contains("annotation") ? host._fullLayout.annotations : host._fullLayout.shapes
  return list?.[index]?.name ?? ""
}
