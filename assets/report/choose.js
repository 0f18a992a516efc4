// The list of a site's recordings: two of them, or all, can be laid beside each other (core/report/site.py).
import { say } from "../shared/dom.js"

const form = /** @type {HTMLFormElement} */ (document.getElementById("choice"))
const button = form.querySelector("button")
const told = form.querySelector("[role=status]")
/** @type {Record<string, string>} addresses, by the numbers of the recordings with commas between */
const pages = JSON.parse(form.dataset.pages ?? "{}")

const chosen = () => new FormData(form).getAll("run").join()

function follow() {
  const count = new FormData(form).getAll("run").length
  const possible = count > 1 && chosen() in pages
  if (button) button.disabled = !possible
  if (told) say(told, count > 1 && !possible ? "Two of them have a page, and all: choose so many." : "")
}

form.addEventListener("change", follow)
form.addEventListener("submit", (event) => {
  event.preventDefault()
  if (chosen() in pages) location.assign(new URL(pages[chosen()], document.baseURI))
})
follow()
