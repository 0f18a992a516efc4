import type { Measured, Moment } from "../types.js"

type Beside = { also: string[]; several: boolean }
export function signalsFinding(shown: Measured[], moment: Moment, beside: Beside): string
