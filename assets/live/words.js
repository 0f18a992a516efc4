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
  while (words[0].length > 1 && words[1].length > 1 && words[0].at(-1) === words[1].at(-1)) words.forEach((list) => list.pop())
  return words.map((list) => list.join(" "))
}

export const pairs = (runs, values) => labels(runs).map((label, index) => `${label} ${values[index]}`).join(", ")
