// How the Inspect page's components live: Streamlit calls mount after every script run and when the theme changes.
import { el } from "../live/dom.js"

// The two functions that core/web/loader.py calls, for a class with constructor(component), update(component), destroy().
export function mounting(View, sheet = "inspect.css") {
  const views = new WeakMap()
  const mount = async (component) => {
    const { parentElement } = component
    await loadStyle(sheet)
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

const styles = {}

function loadStyle(sheet) {
  styles[sheet] ??= new Promise((resolve, reject) => {
    const href = new URL(`./${sheet}`, import.meta.url).href
    document.head.append(el("link", { rel: "stylesheet", href, onload: resolve, onerror: reject }))
  })
  return styles[sheet]
}
