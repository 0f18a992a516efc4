// How components come to the page and leave it (core/web/loader.py).
import { el } from "./dom.js"

// The two functions that the loader calls, for a class with constructor(component), update(component) and destroy().
// Streamlit calls mount after every script run and when the theme changes.
export function mounting(View, sheet) {
  const views = new WeakMap()
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
  const unmount = (parentElement) => {
    views.get(parentElement)?.destroy()
    views.delete(parentElement)
  }
  return { mount, unmount }
}

const loaded = new Map()

// Once a page, by address.
function load(address, tag, attributes) {
  const known = loaded.get(address)
  if (known) return known
  const news = new Promise((resolve, reject) => {
    document.head.append(el(tag, { ...attributes, onload: resolve, onerror: reject }))
  })
  loaded.set(address, news)
  return news
}

export const loadSheet = (address) => load(address, "link", { rel: "stylesheet", href: address })

export const loadScript = (address) => load(address, "script", { src: address })

// The height in px that the window leaves below an element's top, but for `below`.
export function roomFor(node, below) {
  const scroller = node.closest("[data-testid=stMain]")
  const top = node.getBoundingClientRect().top + (scroller?.scrollTop ?? 0)
  return window.innerHeight - top - below
}
