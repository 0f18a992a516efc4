// How components come to the page and leave it (core/web/loader.py).
import { el } from "./dom.js"

/**
 * What Streamlit hands to mount.
 * @template Data
 * @typedef {object} Component
 * @property {Data} data
 * @property {HTMLElement} parentElement
 * @property {(name: string, value: unknown) => void} setStateValue
 * @property {(name: string, value: unknown) => void} setTriggerValue
 */

// The two functions that the loader calls, for a class with constructor(component), update(component) and destroy().
// Streamlit calls mount after every script run and when the theme changes.
/**
 * @template Data
 * @param {new (component: Component<Data>) => { update(component: Component<Data>): void, destroy(): void }} View
 * @param {string} sheet address of its stylesheet
 */
export function mounting(View, sheet) {
  const views = new WeakMap()
  /** @param {Component<Data>} component */
  const mount = async (component) => {
    const { parentElement } = component
    await loadSheet(sheet)
    if (!parentElement.isConnected) return
    const known = views.get(parentElement)
    if (known) return known.update(component)
    const view = new View(component)
    views.set(parentElement, view)
    view.update(component)
  }
  /** @param {Element} parentElement */
  const unmount = (parentElement) => {
    views.get(parentElement)?.destroy()
    views.delete(parentElement)
  }
  return { mount, unmount }
}

/** @type {Map<string, Promise<unknown>>} */
const loaded = new Map()

// Once a page, by address.
/** @type {(address: string, tag: "link" | "script", attributes: Record<string, string>) => Promise<unknown>} */
function load(address, tag, attributes) {
  const known = loaded.get(address)
  if (known) return known
  const news = new Promise((resolve, reject) => {
    document.head.append(el(tag, { ...attributes, onload: resolve, onerror: reject }))
  })
  loaded.set(address, news)
  return news
}

/** @param {string} address */
export const loadSheet = (address) => load(address, "link", { rel: "stylesheet", href: address })

/** @param {string} address */
export const loadScript = (address) => load(address, "script", { src: address })

// The height in px that the window leaves below an element's top, but for `below`.
/** @type {(node: Element, below: number) => number} */
export function roomFor(node, below) {
  const scroller = node.closest("[data-testid=stMain]") ?? document.scrollingElement
  const top = node.getBoundingClientRect().top + (scroller?.scrollTop ?? 0)
  return window.innerHeight - top - below
}
