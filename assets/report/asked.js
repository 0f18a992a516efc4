// What an address asks for of a dashboard, where no lab reads it: what cannot be is left out.

/** @type {Record<string, RegExp>} by key */
const SHAPES = {
  l_step: /^\d{1,15}$/,
  l_from: /^\d{1,15}$/,
  l_to: /^\d{1,15}$/,
  l_layer: /^(0(\.\d+)?|1)$/,
  l_hidden: /^\d{1,2}(,\d{1,2})*$/,
  l_base: /^\d{1,2}$/,
  l_beside: /^\d{1,15}(,\d{1,15}){0,5}$/,
  l_state: /^playing$/,
}
const NUMBERS = ["l_step", "l_from", "l_to", "l_layer"]

/** @type {(query: string, choices: Record<string, string[]>) => Record<string, string | number>} */
export function askedOf(query, choices) {
  const found = [...new URLSearchParams(query)].filter(
    ([key, value]) => SHAPES[key]?.test(value) || choices[key]?.includes(value),
  )
  return Object.fromEntries(found.map(([key, value]) => [key, NUMBERS.includes(key) ? Number(value) : value]))
}
