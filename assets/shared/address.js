// What the browser keeps in the address by itself: the view of the dashboard, the opened unit of a net. The server is
// not asked: its answer would carry the address as it was then, and so undo what a widget has written there since.
// Streamlit, which does not know of it, leaves it out where it writes an address anew: then it is put back.
export class Address {
  // `belongs` says of parameters whether they are still those of what is shown.
  /** @param {(parameters: URLSearchParams) => boolean} belongs */
  constructor(belongs = () => true) {
    /** @type {Record<string, string | null>} */
    this.values = {}
    this.belongs = belongs
    this.path = location.pathname
    /** @param {any} event */
    this.onEntry = ({ navigationType }) => navigationType !== "traverse" && this.write()
    window.navigation?.addEventListener("currententrychange", this.onEntry)
  }

  // By key; null is left out.
  /** @param {Record<string, string | null>} values */
  hold(values) {
    this.values = values
    this.write()
  }

  write() {
    const address = new URL(location.href)
    const { searchParams: parameters } = address
    if (address.pathname !== this.path || !this.belongs(parameters)) return
    const news = Object.entries(this.values).filter(([key, value]) => parameters.get(key) !== value)
    for (const [key, value] of news) value === null ? parameters.delete(key) : parameters.set(key, value)
    if (news.length) history.replaceState(history.state, "", address)
  }

  // All that is held, and what stands in the address under the keys besides.
  /** @param {string[]} besides */
  query(besides) {
    const { searchParams: parameters } = new URL(location.href)
    const others = besides.map((key) => [key, parameters.get(key)])
    const known = [...others, ...Object.entries(this.values)].filter(([, value]) => value !== null)
    return String(new URLSearchParams(/** @type {[string, string][]} */ (known)))
  }

  destroy() {
    window.navigation?.removeEventListener("currententrychange", this.onEntry)
  }
}
