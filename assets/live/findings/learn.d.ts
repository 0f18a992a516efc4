import type { Moment, Run } from "../types.js"

export function learnFinding(runs: Run[], moment: Moment, also: string[]): string
