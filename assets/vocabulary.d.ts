// Written by core/web/declared.py (make types).

export interface Marks {
  chosen: string
  unknown: string
}

export interface Writing {
  none: string
  minus: string
  superscripts: Record<string, string>
  plain: [number, number]
  large: Array<[number, string]>
  bytes: Array<[number, string, number]>
  nearly: number
  minute: number
  hour: number
}

export interface Keeping {
  points: number
  probes: number
  probes_left: number
  recent: number
  names: Array<"loss" | "accuracy" | "lr">
  smoothed: Array<"loss" | "accuracy">
  smoothings: Array<number>
  window: [number, number]
  share_of_epoch: number
}

export interface Several {
  none: string
  below: string
  unknown: string
}

export interface State {
  colour: "gray" | "blue" | "orange" | "green" | "red"
  icon: string
  active: boolean
  ended: boolean
  early: boolean
  resumable: boolean
  moving: boolean
}

export interface Quantity {
  per: "layer" | "block" | "source"
  view: "gradient" | "signals" | "flow"
  what: string
  unit: string
  log: boolean
  measured: string
  choice: string
  title: string
  ends: [number, number] | null
}

declare const vocabulary: {
  colours: Marks
  numbers: Writing
  traces: Keeping
  standings: Several
  glossary: Record<string, string>
  states: { [name: string]: State | undefined }
  quantities: Record<"weight_grad" | "signal_grad" | "update_ratio" | "agreement" | "mean" | "std" | "dead" | "histogram" | "branch_ratio" | "weight_share", Quantity>
}
export default vocabulary
