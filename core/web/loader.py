"""Components whose code is a long-cached module of ours in assets/ instead of text in every message."""

JS = """
// keep this small: it travels with every message; all else is one long-cached module
export default (component) => {
  const { data, parentElement } = component
  let module = null
  let gone = false
  parentElement.newest = component // imports may end in another order than they began
  import(new URL(data.module, document.baseURI).href).then(
    (loaded) => {
      module = loaded
      if (!gone && parentElement.newest === component) module.mount(component)
    },
    () => (parentElement.textContent = "This view could not be loaded from the server: reload the page."),
  )
  return () => {
    gone = true
    module?.unmount(parentElement)
  }
}
"""
