import type { Measured, Moment, OfRows } from "../types.js"

type Beside = { also: string[]; several: boolean }
export function gradientFinding(shown: Measured[], quantity: OfRows, moment: Moment, beside: Beside): string
