// What the dashboard's modules hand to each other.
import type { Range } from "../shared/scale.js"
import type { Theme } from "../shared/theme.js"
import type { Cure, LedgerRow, LiveFigures, Look, Probe, RunName, Started, Style, Summary } from "../told.js"
import type { Against } from "./baseline.js"
import type { Card } from "./card.js"
import type { Moments } from "./moments.js"
import type { RunStore } from "./store.js"

// A measurement; a Recording keeps histograms of some alone.
export type Taken = Look & Partial<Probe> & { step: number }

// Quantities of which each layer or block has one value, and those that have more.
export type OfRows = {
  [Name in keyof Look]-?: NonNullable<Look[Name]> extends Float32Array | Float64Array ? Name : never
}[keyof Look]
export type Measurable = OfRows | "histogram" | "weight_share"

// A run of which something has come, and one that says what it trains.
export type Known = RunStore & { summary: Summary }
export type Begun = Known & { started: Started }

export interface Run extends Omit<RunName, "quiet"> {
  store: Known
  quiet: boolean // one of very many, without a colour of its own
}
// Runs that are drawn as one, their name, and what is drawn of them.
export interface Band {
  runs: Run[]
  name: string
  of: string
}
export type Measured = Run & { probe: Taken }
// picked: the layer that is looked at
export type Picked = Measured & { store: Begun; picked: number }
export type WithHistogram = Taken & Pick<Probe, "histogram">
export type Outlined = Picked & { probe: WithHistogram }

// step: the one that is chosen, of the longest run; null: the newest
export interface Moment {
  step: number | null
  held: boolean // some runs wait for others
  of(store: RunStore): number | null // where a run is looked at; null: its newest step
  look(store: RunStore, quantity: Measurable): number | null // the step of the look that is drawn
  when(quantity: Measurable): string // that is, of all runs, in words
}

export type Unit = "step" | "epoch" | "seconds" | "macs" // of training

export interface View {
  unit: Unit
  lossAxis: "linear" | "log"
  smooth: string
  gradient: OfRows
  signals: "shape" | "moments" | "spread" | "dead"
  beside: string
  flow: "blocks" | "ledger"
  ledger: string
  picked: number
  large: string
  present: string
  hidden: string
  base: string
  state: "" | "playing"
  cursor: number | null
  from: number | null
  to: number | null
  speed: string
  lost: boolean
}

// What is drawn, as all views get it.
export interface Context extends View {
  playing: boolean
  look: number // changes with all that is chosen but the cursor
  runs: Run[] // that are shown
  bands: Band[] // of these
  against: Against | null // what curves show the differences to
  moment: Moment
  momentAt(step: number | null): Moment
  moments: Moments
  theme: Theme
  cursorOf(store: RunStore): number | null
  endOf(unit: Unit): number
}

// What a viewer asks of a run.
export type CommandKind = "pause" | "resume" | "step" | "stop" | "lr"

export interface Env {
  figures: LiveFigures
  view: View
  command(command: { run: string; kind: CommandKind; value: string | null }): string
  enlarge(view: CardView): void
  download(view: CardView, format: "svg" | "png"): void // as a figure
  choose(view: CardView, change: Partial<View>): void
  setUnit(unit: Unit): void
  setLossAxis(axis: View["lossAxis"]): void
  setCursor(step: number | null): void
  seek(step: number | null): void // as the player does, which goes on
  present(pair: string): void
  point(card: string): void // at one of the views
  attempt: ((attempt: { run: string } & Omit<Cure, "label">) => void) | null // null: nothing can be tried here
  note: ((note: { run: string; step: number; layer: string; text: string }) => string) | null // null: none can be kept
  setPlaying(playing: boolean, pace: number): void
  setLoop(part: Pick<View, "from" | "to">): void // that a replay goes round in
  setSpeed(speed: string): void
  setPicked(layer: number, layers: number): void
  stepAt(position: number): number // of the longest run, on the time axis
  positionOf(step: number): number
  styleOf(store: RunStore): Style
  leads(store: RunStore): RunStore
  labelOf(store: RunStore): string
  hides(store: RunStore): boolean
  hide(store: RunStore): void // or show it again
  bases(store: RunStore): boolean
  base(store: RunStore): void // makes it the baseline, or no more
  several: boolean // runs
}

// One of the four.
export interface CardView {
  card: Card
  stale?: boolean
  drawnSignature?: string
  signature(context: Context): string
  draw(context: Context): void
  destroy(): void
}

// Plain data for Plotly.
export type Trace = Record<string, any>
export type Layout = Record<string, any>
export type Axes = { xaxis: string; yaxis: string }

// Why a row has no place in a picture.
export interface Standing {
  state: "none" | "below" | "unknown"
  words: string
}
export type Standings = (Standing | null)[]

// How bins are joined: first and last of each, borders and middles.
export interface Bins {
  groups: [first: number, last: number][]
  bounds: number[]
  middles: number[]
}

export type { LedgerRow, Range, Style, Theme }
