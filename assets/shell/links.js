// Links between pages: one entry of the browser's history for each page, with all that its address holds.
// Streamlit itself takes the settings of a page out of its address before it leaves it, as an entry of its own: Back
// would then lead to the page without its settings. It writes nothing where the address is the new page's already.
const LINKS = "[data-testid=stTopNavLink], [data-testid=stTopNavDropdownLink], [data-testid=stPageLink-NavLink]"

document.addEventListener("click", leave, { capture: true })

/** @param {MouseEvent} event */
function leave(event) {
  const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest(LINKS))
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  if (link.origin === location.origin && link.pathname !== location.pathname) history.pushState({}, "", link.href)
}
