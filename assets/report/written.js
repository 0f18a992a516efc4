// Answers about runs that were written beside the page (core/report/foretold.py): nothing is asked, nothing comes later.
import { quantitiesOf } from "../live/source.js"

/** @import { Answer, Findings, Foretold, Row, Said } from "../told.js" */
/** @import { Question } from "../live/moments.js" */
/** @import { Source } from "../live/source.js" */

const UNSAID = "What may be said of a choice among so many runs is not in this page: show all of them again"

/** @type {(foretold: Foretold[], answers: Record<string, Answer>) => Source} */
export const written = (foretold, answers) => ({
  async events(id, after) {
    const answer = answers[id]
    return after < answer.seq ? answer : { ...answer, events: [] }
  },

  async findings({ ids, asked, away }) {
    const found = foretold.find(
      ({ hidden }) => hidden.length === away.length && away.every((id) => hidden.includes(id)),
    )
    return found ? at(found, asked) : among(at(foretold[0], asked), ids, away)
  },
})

// What is said at the step that is chosen, of the quantities that are shown.
/** @type {(found: Foretold, asked: Question["asked"]) => Findings} */
function at({ steps, words, rows, said, happenings, ...rest }, asked) {
  const index = asked.cursor === null ? steps.length : steps.findLastIndex((step) => step <= Number(asked.cursor))
  const moment = words[Math.max(index, 0)]
  const { gradient, signals, flow, ledger } = quantitiesOf(asked)
  /** @param {string} shown */
  const sentence = (shown) => said[moment.said[shown]]
  return {
    ...rest,
    row: rows[moment.row],
    said: {
      learns: sentence("learns"),
      gradient: sentence(`gradient ${gradient}`),
      signals: sentence(`signals ${signals}`),
      flow: sentence(`flow ${flow} ${ledger}`),
    },
    story: moment.story.map((place) => happenings[place]),
  }
}

// The same of those that are not hidden, without sentences: these speak of all.
/** @type {(findings: Findings, ids: string[], away: string[]) => Findings} */
function among(findings, ids, away) {
  /** @template Value @param {Value[]} values */
  const few = (values) => values.filter((_, index) => !away.includes(ids[index]))
  /** @param {Row} row @returns {Row} */
  const seen = (row) => ({ ...row, of: few(row.of), looks: row.looks.map(few) })
  const { moments } = findings
  const { learns, gradient, signals, flow } = findings.said
  const gaps = Object.fromEntries(Object.entries(moments.gaps).map(([name, runs]) => [name, few(runs)]))
  /** @param {Said} said @returns {Said} */
  const unsaid = ({ instead }) => ({ finding: UNSAID, instead })
  return {
    ...findings,
    seqs: few(findings.seqs),
    row: seen(findings.row),
    held: "",
    said: { learns: unsaid(learns), gradient: unsaid(gradient), signals: unsaid(signals), flow: unsaid(flow) },
    story: findings.story.filter(({ id }) => !away.includes(id)),
    moments: { ...moments, rows: moments.rows.map(seen), gaps },
  }
}
