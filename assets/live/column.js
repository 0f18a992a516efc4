// A place beside the charts where a dashboard tells what happened: mounted by core/web/train/column.py.
import { el } from "../shared/dom.js"
import { hold } from "./story.js"

/** @type {WeakMap<Element, HTMLElement>} */
const hosts = new WeakMap()

/** @param {{ parentElement: HTMLElement }} component */
export function mount({ parentElement }) {
  if (hosts.has(parentElement)) return
  const host = el("div", { class: "dl-column" })
  hosts.set(parentElement, host)
  parentElement.replaceChildren(host)
  hold(host)
}

/** @param {Element} parentElement */
export function unmount(parentElement) {
  hosts.delete(parentElement)
  hold(null)
}
