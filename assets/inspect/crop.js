// The picture with the square that the nets see, and beside it what they make of it: mounted by core/web/inspect/crop.py.
import { el } from "../shared/dom.js"
import { whole } from "../shared/format.js"
import { mounting } from "../shared/mount.js"
import { clamp } from "../shared/numbers.js"

/** @import { Component } from "../shared/mount.js" */
/** @import { CropData, SeenBy } from "../told.js" */

const STEP = 0.02 // of the picture's shorter side, by which an arrow key moves the square
const SCALE = 1.08 // by which a turn of the wheel, + or - resizes it
const SETTLE = 350 // ms after the last key or turn, the server is told
const ECHO = 4000 // ms in which the server's answer to what it was told is waited for
const CAPTION = 20 // px under a picture
const SEEN = 0.42 // of the width, for what a net sees
const THIN = 16 // px of a strip's width, and a side of the square on it, so that both can be seen and taken hold of
/** @type {Record<string, number[]>} */
const CORNERS = { nw: [0, 0], ne: [1, 0], sw: [0, 1], se: [1, 1] }
/** @type {Record<string, number[]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
/** @type {(value: number) => number} */
const round = (value) => Math.round(value * 1000) / 1000

/** @typedef {[start: number, length: number]} Span of px */

// Where on the screen something begins and how long it is there, in px: visible, and inside of the room.
/** @type {(start: number, length: number, scale: number, room: number) => Span} */
function span(start, length, scale, room) {
  const shown = Math.min(Math.max(length * scale, THIN), room)
  return [clamp((start + length / 2) * scale - shown / 2, 0, room - shown), shown]
}

/** @type {(node: HTMLElement, across: Span, down: Span) => void} */
function put(node, [left, width], [top, height]) {
  Object.assign(node.style, { left: `${left}px`, width: `${width}px`, top: `${top}px`, height: `${height}px` })
}

class Cropper {
  x = 0
  y = 0
  size = 0
  /** @type {((moved: MouseEvent) => void) | null} */
  drag = null
  /** @type {number | null} timer */
  settling = null
  /** @type {string | null} what the server was told */
  told = null
  toldAt = 0
  url = ""
  shown = ""

  /** @param {Component<CropData>} component */
  constructor(component) {
    this.component = component
    this.image = el("img", { draggable: "false" })
    this.square = el("div", {
      class: "dc-square",
      tabindex: "0",
      role: "group",
      "data-testid": "crop",
      "aria-roledescription": "movable square",
    })
    for (const corner of Object.keys(CORNERS))
      this.square.append(el("span", { class: "dc-handle", "data-corner": corner }))
    this.inner = el("div", { class: "dc-inner", "data-testid": "inner" })
    this.stage = el("div", { class: "dc-stage" }, this.image, this.square, this.inner)
    this.caption = el("figcaption")
    this.seen = el("div", { class: "dc-seen", "data-testid": "seen" })
    this.root = el(
      "div",
      { class: "dc-root", "data-testid": "cropper" },
      el("figure", { class: "dc-whole" }, this.stage, this.caption),
      this.seen,
    )
    component.parentElement.replaceChildren(this.root)
    this.stage.onpointerdown = (event) => this.press(event)
    this.stage.onpointermove = (event) => this.drag?.(event)
    this.stage.onpointerup = this.stage.onpointercancel = () => this.release()
    this.stage.addEventListener("wheel", (event) => this.turn(event), { passive: false })
    this.square.onkeydown = (event) => this.key(event)
    this.sizes = new ResizeObserver(() => this.draw())
    this.sizes.observe(component.parentElement)
  }

  /** @param {Component<CropData>} component */
  update(component) {
    this.component = component
    const { picture, crop, seen } = component.data
    const another = this.url !== picture.url
    this.url = picture.url
    this.heard(crop, another)
    if (another) {
      this.image.src = picture.url
      this.image.alt = picture.title
    }
    const shown = JSON.stringify(seen)
    if (this.shown !== shown) {
      this.shown = shown
      this.showSeen(seen)
    }
    this.draw()
  }

  // What the server says holds, unless it speaks of what was before the last move.
  /** @param {number[]} crop @param {boolean} another */
  heard(crop, another) {
    const late = this.told && this.told !== String(crop) && performance.now() - this.toldAt < ECHO
    if (!another && (this.drag || this.settling || late)) return
    this.told = null
    ;[this.x, this.y, this.size] = crop
  }

  /** @param {SeenBy[]} seen */
  showSeen(seen) {
    this.seen.replaceChildren(
      ...seen.map(({ size, url }) =>
        el(
          "figure",
          { "data-size": size },
          el(
            "div",
            { class: "dc-box" },
            el("img", {
              src: url,
              class: size <= this.component.data.small ? "dc-pixels" : null,
              alt: `The picture as nets of ${size} by ${size} pixels see it`,
            }),
          ),
          el("figcaption", {}, "The net sees ", el("b", { text: `${size}×${size}` })),
        ),
      ),
    )
  }

  // Pixels of the picture: left, top and side of the square.
  box() {
    const { width, height } = this.component.data.picture
    const side = this.size * Math.min(width, height)
    return { left: this.x * (width - side), top: this.y * (height - side), side, width, height }
  }

  // Put the square at a place, as far inside as it must be.
  /** @type {(left: number, top: number, side: number) => void} */
  place(left, top, side) {
    const { width, height } = this.component.data.picture
    const short = Math.min(width, height)
    const least = this.component.data.least * short
    const kept = clamp(side, least, short)
    /** @type {(start: number, room: number) => number} */
    const share = (start, room) => (room > 0.5 ? clamp(start / room, 0, 1) : 0.5)
    this.x = round(share(left, width - kept))
    this.y = round(share(top, height - kept))
    this.size = round(kept / short)
    this.draw()
  }

  // Grow or shrink about the middle.
  /** @param {number} factor */
  resize(factor) {
    const { left, top, side, width, height } = this.box()
    const short = Math.min(width, height)
    const next = clamp(side * factor, this.component.data.least * short, short)
    this.place(left + (side - next) / 2, top + (side - next) / 2, next)
    this.settle()
  }

  /** @param {MouseEvent} event */
  at(event) {
    const bounds = this.stage.getBoundingClientRect()
    const { width, height } = this.component.data.picture
    return [
      ((event.clientX - bounds.left) / bounds.width) * width,
      ((event.clientY - bounds.top) / bounds.height) * height,
    ]
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (!this.component.data.movable || event.button !== 0) return
    event.preventDefault()
    this.stage.setPointerCapture(event.pointerId)
    this.square.focus({ preventScroll: true, focusVisible: false })
    const { corner } = /** @type {HTMLElement} */ (event.target).dataset
    const [x, y] = this.at(event)
    let { left, top, side } = this.box()
    if (corner) {
      this.drag = this.resizer(CORNERS[corner])
      return
    }
    if (event.target !== this.square) {
      this.place(x - side / 2, y - side / 2, side)
      ;({ left, top, side } = this.box())
    }
    this.drag = (moved) => {
      const [toX, toY] = this.at(moved)
      this.place(left + toX - x, top + toY - y, side)
    }
  }

  // The opposite corner stays where it is.
  /** @type {(corner: number[]) => (moved: MouseEvent) => void} */
  resizer([right, bottom]) {
    const { left, top, side, width, height } = this.box()
    const fixed = [left + (right ? 0 : side), top + (bottom ? 0 : side)]
    const room = Math.min(right ? width - fixed[0] : fixed[0], bottom ? height - fixed[1] : fixed[1])
    const least = this.component.data.least * Math.min(width, height)
    return (moved) => {
      const [x, y] = this.at(moved)
      const wanted = Math.max((right ? 1 : -1) * (x - fixed[0]), (bottom ? 1 : -1) * (y - fixed[1]))
      const next = clamp(wanted, least, room)
      this.place(right ? fixed[0] : fixed[0] - next, bottom ? fixed[1] : fixed[1] - next, next)
    }
  }

  release() {
    if (!this.drag) return
    this.drag = null
    this.tell()
  }

  /** @param {WheelEvent} event */
  turn(event) {
    if (!this.component.data.movable) return
    event.preventDefault()
    this.resize(event.deltaY < 0 ? 1 / SCALE : SCALE)
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { left, top, side, width, height } = this.box()
    const arrow = ARROWS[event.key]
    const step = STEP * Math.min(width, height) * (event.shiftKey ? 5 : 1)
    if (arrow) {
      this.place(left + arrow[0] * step, top + arrow[1] * step, side)
      this.settle()
    } else if (event.key === "+" || event.key === "=") this.resize(SCALE)
    else if (event.key === "-") this.resize(1 / SCALE)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  settle() {
    clearTimeout(this.settling ?? undefined)
    this.settling = setTimeout(() => {
      this.settling = null
      this.tell()
    }, SETTLE)
  }

  tell() {
    const crop = [this.x, this.y, this.size]
    if (this.told === String(crop) || (!this.told && String(crop) === String(this.component.data.crop))) return
    this.told = String(crop)
    this.toldAt = performance.now()
    this.component.setStateValue("crop", crop)
  }

  draw() {
    const { picture, movable, inner, small, seen } = this.component.data
    const wide = this.root.clientWidth
    const tall = this.root.clientHeight - CAPTION
    if (!wide || tall <= 0) return
    const gap = 14
    // where nets of two sizes look, their two squares stand one above the other
    const largest = seen.length > 1 ? (tall - CAPTION - 8) / 2 : Math.min(tall, seen.length ? (wide - gap) * SEEN : 0)
    const room = wide - (seen.length ? largest + gap : 0)
    const scale = Math.min(room / picture.width, tall / picture.height)
    const [width, height] = [picture.width, picture.height].map((side) => Math.max(side * scale, THIN))
    this.stage.style.width = `${width}px`
    this.stage.style.height = `${height}px`
    this.image.className = Math.max(picture.width, picture.height) <= small ? "dc-pixels" : ""
    /** @type {NodeListOf<HTMLElement>} */
    const boxes = this.seen.querySelectorAll(".dc-box")
    for (const box of boxes) box.style.width = box.style.height = `${largest}px`
    this.square.hidden = !movable
    this.square.style.display = movable ? "" : "none"
    const { left, top, side } = this.box()
    /** @param {HTMLElement} node @param {number} inset */
    const frame = (node, inset) =>
      put(
        node,
        span(left + inset, side - 2 * inset, width / picture.width, width),
        span(top + inset, side - 2 * inset, height / picture.height, height),
      )
    frame(this.square, 0)
    frame(this.inner, (side * (1 - (inner ?? 1))) / 2)
    this.inner.style.display = inner ? "" : "none"
    this.square.setAttribute(
      "aria-label",
      `The square that the nets see: ${Math.round(left)} pixels from the left, ${Math.round(top)} from the top, ${Math.round(side)} a side. Arrow keys move it, plus and minus resize it.`,
    )
    this.root.dataset.crop = [this.x, this.y, this.size].join(",")
    const size = `${whole(picture.width)}×${whole(picture.height)}`
    this.caption.replaceChildren(
      el("b", { text: size }),
      movable ? " · drag the square" : inner ? "" : " · the nets see all of it",
    )
    this.caption.title = picture.title
  }

  destroy() {
    clearTimeout(this.settling ?? undefined)
    this.sizes.disconnect()
    this.root.remove()
  }
}

export const { mount, unmount } = mounting(Cropper, new URL("./crop.css", import.meta.url).href)
