// The keyboard of the dashboard, while the focus is in it.

/** @import { CommandKind } from "./types.js" */

export class Keyboard {
  /**
   * @param {HTMLElement} root
   * @param {(kind: CommandKind) => void} press
   * @param {() => void} leave
   * @param {(end: "from" | "to") => void} loop
   */
  constructor(root, press, leave, loop) {
    this.root = root
    this.press = press
    this.leave = leave
    this.loop = loop
    root.addEventListener("keydown", (event) => this.key(event))
    root.addEventListener("pointerdown", () => this.take())
  }

  // A press anywhere in the dashboard gives it the keyboard; what can be typed into or pressed takes it from here.
  take() {
    if (!this.root.contains(document.activeElement)) this.root.focus({ preventScroll: true })
  }

  // What has the focus may be switched off or put away by its own click: the keyboard then stays with the dashboard.
  keep() {
    const active = /** @type {(HTMLElement & { disabled?: boolean }) | null} */ (document.activeElement)
    if (active && this.root.contains(active) && (active.disabled || !active.getClientRects().length)) {
      this.root.focus({ preventScroll: true })
    }
  }

  // What an element does by itself with a key stays its own.
  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    /** @param {string} what */
    const within = (what) => /** @type {Element} */ (event.target).closest(what)
    if (event.key === "Escape") return this.leave()
    if (within("input:not([type=range]), textarea, select")) return
    if (event.key === "i" || event.key === "o") return this.loop(event.key === "i" ? "from" : "to")
    const kind = event.key === " " ? "pause" : event.key === "ArrowRight" ? "step" : event.key === "S" ? "stop" : null
    if (!kind || event.repeat) return
    if ((kind === "pause" && within("button, summary, a")) || (kind === "step" && within("input"))) return
    event.preventDefault()
    this.press(kind)
  }
}
