// What the server says of the runs (core/web/train/findings.py): which looks are drawn at which moment, and sentences.
import { source } from "./source.js"

/** @import { Findings, Row, Said, Sentences } from "../told.js" */
/** @import { RunStore } from "./store.js" */
/** @import { Band, Measurable, Measured, Moment, Run, View } from "./types.js" */

/** @typedef {Pick<View, "cursor" | "gradient" | "signals" | "flow" | "ledger" | "hidden">} Asked */

/** @type {Record<keyof Sentences, (keyof Asked)[]>} what the sentence of a view depends on */
const DEPENDS = {
  learns: ["cursor", "hidden"],
  gradient: ["cursor", "hidden", "gradient"],
  signals: ["cursor", "hidden", "signals"],
  flow: ["cursor", "hidden", "flow", "ledger"],
}

// The newest answer, and what was asked.
export class Moments {
  /** @param {string[]} ids @param {Asked} [asked] @param {Findings} [findings] */
  constructor(ids = [], asked, findings) {
    this.ids = ids
    this.asked = asked
    this.findings = findings
  }

  // Steps of the longest run at which anything was measured.
  get steps() {
    return this.findings?.moments.steps ?? []
  }

  // In which equal positions of runs are counted, and whether tests after the same epoch are set beside each other.
  get unit() {
    return this.findings?.moments.unit ?? "steps"
  }

  get sameData() {
    return this.findings?.moments.same_data ?? true
  }

  // What happened, on the bar of time.
  get ticks() {
    return this.findings?.ticks ?? []
  }

  // Moments whose distributions are set side by side, where none are chosen.
  get beside() {
    return this.findings?.moments.beside ?? []
  }

  // Of the last event that the answer knows, by run.
  get seqs() {
    return this.ids.map((id, index) => ({ id, seq: this.findings?.seqs[index] ?? 0 }))
  }

  // Where the looks of a run have no number, by quantity.
  /** @param {string} id */
  gapsOf(id) {
    const gaps = Object.entries(this.findings?.moments.gaps ?? {})
    return Object.fromEntries(gaps.map(([quantity, runs]) => [quantity, runs[this.ids.indexOf(id)]]))
  }

  // That runs wait for others, in words.
  get held() {
    return this.asked?.cursor === null ? (this.findings?.held ?? "") : ""
  }

  // Which of these runs are drawn as one.
  /** @param {Run[]} runs @returns {Band[]} */
  bandsOf(runs) {
    const bands = (this.findings?.bands ?? []).map((band) => ({
      ...band,
      runs: runs.filter(({ store }) => band.runs.includes(store.id)),
    }))
    return bands.filter(({ runs }) => runs.length > 1)
  }

  // What happened until then.
  get story() {
    return this.findings?.story ?? []
  }

  // The sentence of a view; null while the answer for what it shows is on its way.
  /** @type {(view: keyof Sentences, chosen: Asked) => Said | null} */
  said(view, chosen) {
    const fits = DEPENDS[view].every((name) => this.asked?.[name] === chosen[name])
    return fits && this.findings ? this.findings.said[view] : null
  }

  // The step of the last measurement until then; the first one where there is none before.
  /** @param {number} step */
  measuredAt(step) {
    return this.steps.findLast((known) => known <= step) ?? this.steps[0] ?? null
  }

  // `step`: the one that is chosen, of the longest run; null: the newest.
  /** @param {number | null} step @returns {Moment} */
  at(step) {
    const row = this.row(step)
    const kinds = this.findings?.moments.kinds ?? {}
    /** @template Value @param {Value[] | undefined} values @param {RunStore} store */
    const entry = (values, store) => values?.[this.ids.indexOf(store.id)]
    return {
      step,
      held: step === null && Boolean(this.held),
      of: (store) => entry(row?.of, store) ?? null,
      look: (store, quantity) => entry(row?.looks[kinds[quantity]], store) ?? null,
      when: (quantity) => row?.when[kinds[quantity]] ?? "",
    }
  }

  /** @param {number | null} step @returns {Row | undefined} */
  row(step) {
    if (!this.findings || this.asked?.cursor === step) return this.findings?.row
    const { steps, rows } = this.findings.moments
    const at = step === null ? steps.length - 1 : steps.findLastIndex((known) => known <= step)
    return rows[Math.max(at, 0)]
  }
}

// What is drawn of a quantity at a moment, of the runs that have it: {...run, probe}.
/** @type {(runs: Run[], moment: Moment, quantity: Measurable) => Measured[]} */
export function measuredAt(runs, moment, quantity) {
  return runs.flatMap((run) => {
    const step = moment.look(run.store, quantity)
    const probe = step === null ? null : run.store.probeAt(step, quantity)
    return probe ? [{ ...run, probe }] : []
  })
}

/** @typedef {{ ids: string[], asked: Asked, away: string[] }} Question away: the runs that are hidden */

// Asks one question at a time; of those that come while it waits, the newest.
export class Asking {
  /** @type {Question | null} */
  next = null
  waits = false

  /** @param {(moments: Moments | null) => Promise<void>} answered null: it could not be had */
  constructor(answered) {
    this.answered = answered
  }

  /** @param {Question} question */
  async ask(question) {
    this.next = question
    if (this.waits) return
    this.waits = true
    while (this.next) {
      const next = this.next
      this.next = null
      await this.answered(await answerTo(next))
    }
    this.waits = false
  }
}

/** @type {(question: Question) => Promise<Moments | null>} */
async function answerTo(question) {
  try {
    const findings = await source().findings(question)
    const { ids, asked, away } = question
    return new Moments(
      ids.filter((id) => !away.includes(id)),
      asked,
      findings,
    )
  } catch {
    return null
  }
}
