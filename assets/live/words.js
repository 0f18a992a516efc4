// Words that several views use about runs.

// "now" only while something moves.
export const when = (step, runs) => (step === null && runs.some(({ store }) => store.live) ? "now, " : "")

// Names of the drawn runs for a finding: of two, only what tells them apart.
export function labels(runs) {
  const names = runs.map(({ store }) => store.summary.name)
  if (names.length !== 2) return names
  const [first, second] = names
  if (second === `${first} no BN`) return ["with BN", "without BN"]
  if (first === `${second} no BN`) return ["without BN", "with BN"]
  const words = names.map((name) => name.split(" "))
  while (words[0].length > 1 && words[1].length > 1 && words[0].at(-1) === words[1].at(-1))
    words.forEach((list) => list.pop())
  return words.map((list) => list.join(" "))
}

export const pairs = (runs, values) =>
  labels(runs)
    .map((label, index) => `${label} ${values[index]}`)
    .join(", ")

// Instead of a measurement that is not there: why not.
export function nothingYet(runs) {
  if (runs.length && runs.every(({ store }) => store.summary.watched === false)) {
    return [
      "Nothing is measured in this run",
      "Watching is switched off in this run's settings: only loss and accuracy are reported.",
    ]
  }
  if (runs.length && !runs.some(({ store }) => store.live)) {
    return ["Nothing was measured in this run", "It ended before its first measurement."]
  }
  return [
    "Waiting for the first measurement",
    "The first measurement will be drawn here; it comes with the first step.",
  ]
}
