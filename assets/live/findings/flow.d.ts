import type { Measured, Moment, Run, Taken } from "../types.js"

type Beside = { also: string[]; several: boolean }
export function branchFinding(shown: Measured[], moment: Moment, beside: Beside): string
export function ledgerFinding(run: Run, probe: Taken | undefined, moment: Moment, several: boolean): string
