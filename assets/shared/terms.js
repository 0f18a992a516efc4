// Words of the field in a text, each with its sentence where the pointer rests on it (core/vocabulary/glossary.py).
import vocabulary from "../vocabulary.js"
import { el } from "./dom.js"

const sentences = new Map(Object.entries(vocabulary.glossary).map(([term, text]) => [term.toLowerCase(), text]))
const names = [...sentences.keys()].sort((one, other) => other.length - one.length)
const ANY = new RegExp(`\\b(${names.join("|")})(?=(?:e?s)?\\b)`, "gi")

// The text in pieces; of a word that stands there several times the first one is explained.
/** @type {(text: string) => (string | HTMLElement)[]} */
export function withTerms(text) {
  const pieces = []
  const known = new Set()
  let from = 0
  for (const { 0: word, index } of text.matchAll(ANY)) {
    const term = word.toLowerCase()
    if (known.has(term)) continue
    known.add(term)
    pieces.push(text.slice(from, index), el("abbr", { class: "ds-term", title: sentences.get(term), text: word }))
    from = index + word.length
  }
  return [...pieces, text.slice(from)]
}
