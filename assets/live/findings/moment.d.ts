import type { RunStore } from "../store.js"
import type { Clock, Known, Measurable, Measured, Moment, Run } from "../types.js"

export function momentOf(runs: Run[], step: number | null): Moment
export function longest<Each extends { store: RunStore }>(runs: Each[]): Each
export function clockOf(runs: Run[]): Clock
export function picturesAt(store: RunStore, step: number): number
export function measuredAt(runs: Run[], moment: Moment, quantity: Measurable): Measured[]
export function whenMeasured(shown: Pick<Measured, "store" | "probe">[], moment: Moment): string
export function measuredSteps(runs: { store: RunStore }[]): number[]
export function endOf(store: Known): string
