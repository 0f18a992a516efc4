// The opened unit: its formula and its operations as a chain of buttons, the shortcut above them.
import { el } from "../shared/dom.js"

/** @import { DrawnForm, DrawnOp, ShownNet } from "../told.js" */

/** @type {Record<string, string>} what stands on a way without operations */
const WAYS = { identity: "identity", padding: "zero padding", concatenation: "all that came before" }

export class UnitBand {
  signature = ""

  /** @param {(op: string) => void} onPick @param {(op: string | null) => void} onHover */
  constructor(onPick, onHover) {
    this.onPick = onPick
    this.onHover = onHover
    this.heading = el("h3", { class: "da-heading" })
    this.formula = el("div", { class: "da-formula", "data-testid": "formula" })
    this.way = el("p", { class: "da-way-text" })
    this.chain = el("div", {
      class: "da-chain",
      role: "group",
      "aria-label": "Operations of the opened unit",
      "data-testid": "chain",
    })
    this.node = el(
      "section",
      { class: "da-unit-band" },
      el("div", { class: "da-says" }, this.heading, this.formula, this.way),
      this.chain,
    )
  }

  /** @type {(net: ShownNet, title: string, form: DrawnForm, lit: string | null) => void} */
  draw(net, title, form, lit) {
    const signature = JSON.stringify([net.kind, title, form])
    if (signature !== this.signature) this.build(title, form)
    this.signature = signature
    /** @type {NodeListOf<HTMLElement>} */
    const named = this.node.querySelectorAll("[data-op]")
    for (const node of named) {
      const on =
        node.dataset.op === lit ||
        (lit && node.dataset.op === "branch" && form.branch.some((op) => op.name === lit)) ||
        (lit && node.dataset.op === "shortcut" && form.side.some((op) => op.name === lit))
      node.classList.toggle("da-lit", Boolean(on))
      if (node.tagName === "BUTTON") node.setAttribute("aria-pressed", String(node.dataset.op === lit))
    }
  }

  /** @param {string} title @param {DrawnForm} form */
  build(title, form) {
    this.heading.textContent = title
    this.formula.replaceChildren(
      ...form.formula.map((line) =>
        el("div", {}, ...line.map(([text, op]) => el("span", { "data-op": op || null, text }))),
      ),
    )
    this.way.textContent = form.explained
    this.node.classList.toggle("da-many", form.branch.length + form.after.length > 7)
    this.chain.replaceChildren(...this.operations(form))
  }

  /** @param {DrawnForm} form */
  operations(form) {
    const joins = form.shortcut !== "none"
    const cells = [end("x"), ...form.branch.map((op) => this.box(op))]
    if (joins)
      cells.push(
        el("span", {
          class: "da-join",
          text: form.shortcut === "concatenation" ? "⧺" : "+",
          title: form.shortcut === "concatenation" ? "concatenate" : "add",
        }),
      )
    const join = cells.length
    cells.push(...form.after.map((op) => this.box(op)), end("y"))
    cells.forEach((cell, index) => Object.assign(cell.style, { gridColumn: index + 1, gridRow: 2 }))
    if (!joins) return cells
    const side = form.side.length
      ? form.side.map((op) => this.box(op))
      : [
          el("span", {
            class: "da-way-name",
            text: WAYS[form.shortcut] ?? "",
          }),
        ]
    const way = el("div", { class: `da-bypass da-${form.shortcut}`, title: form.explained }, ...side)
    Object.assign(way.style, { gridColumn: `${1 + form.fork} / ${join + 1}`, gridRow: 1 })
    return [way, ...cells]
  }

  /** @param {DrawnOp} op */
  box(op) {
    const [what, channels] = op.text.split("\n")
    return el(
      "button",
      {
        type: "button",
        class: `da-op da-op-${op.kind}`,
        "data-op": op.name,
        "aria-label": `${op.name}: ${op.text.replace("\n", ", ")}`,
        onclick: () => this.onPick(op.name),
        onpointerenter: () => this.onHover(op.name),
        onpointerleave: () => this.onHover(null),
        onfocus: () => this.onHover(op.name),
        onblur: () => this.onHover(null),
      },
      el("span", { text: what }),
      ...(channels ? [el("small", { text: channels })] : []),
    )
  }
}

/** @param {string} text */
const end = (text) => el("span", { class: "da-end", text })
