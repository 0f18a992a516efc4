// How runs are named in a finding. The names themselves come with the page (core/spec/names.py).

// "plain-56 2.29, ResNet-56 2.31"; with a colon where a name ends in a number of its own: "seed 0: 2.29".
export function pairs(runs, values) {
  const colon = runs.some(({ brief }) => /[ #×][\d.e-]+$/.test(brief)) || values.some((value) => value.includes(","))
  const said = runs.map(({ brief }, index) => `${brief}${colon ? ":" : ""} ${values[index]}`)
  return said.join(values.some((value) => value.includes(",")) ? "; " : ", ")
}

// What else differs between runs that are compared, so that nobody takes them for twins.
export function alsoDiffer(also) {
  if (!also?.length) return ""
  const shown = also.length > 3 ? [...also.slice(0, 2), `${also.length - 2} more`] : also
  return `; also differ in ${list(shown)}`
}

export const list = (words) => (words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words.join(""))
