// Written by core/web/declared.py (make types).

export interface Encoded {
  dtype: "float32" | "float64" | "int32" | "int64" | "uint64" | "uint8" | "bool"
  shape: Array<number>
  data: string
}

export interface Pace {
  epoch: number
  images_per_second: number
  seconds: number
  seconds_left: number
  probe_share: number
  probe_interval: number
}

export interface Traces {
  epoch: number
  images_per_second: number
  seconds: number
  seconds_left: number
  probe_share: number
  probe_interval: number
  steps: Int32Array
  loss: Float32Array
  accuracy: Float32Array
  lr: Float32Array
  clipped: number | null
  smooth_loss: Float32Array
  smooth_accuracy: Float32Array
  smooth_loss_20?: Float32Array
  smooth_loss_100?: Float32Array
  smooth_accuracy_20?: Float32Array
  smooth_accuracy_100?: Float32Array
  recent_loss: Float32Array
  clock_steps: Int32Array
  clock_seconds: Float32Array
}

export interface Look {
  weight_grad: Float64Array
  signal_grad: Float64Array
  agreement?: Float64Array
  mean: Float64Array
  std: Float64Array
  dead: Float32Array
  branch_ratio: Float64Array
  update_ratio: Float64Array
  weight_share: Float32Array[]
  cost: Record<string, number>
}

export interface Started {
  device: string
  device_note: string
  precision: string
  threads: number
  versions?: Record<string, string>
  format: number
  spec: Record<string, any>
  name: string
  params: number
  steps_per_epoch: number
  total_steps: number
  data?: string
  data_digest?: string
  train_digest?: string
  images: number
  epoch: string
  layers: Array<string>
  blocks: Array<string>
  ledger: Array<LedgerRow>
  histogram_edges: Float32Array
  taken_over?: Operation | null
}

export interface LedgerRow {
  name: string
  sources: Array<Source>
}

export interface Source {
  name: string
  channels: number
}

export interface Operation {
  run: string
  step: number
  net: string
  said: Array<string>
  pictures: number
  loss_before?: number | null
  loss_after?: number | null
  apart?: number | null
}

export interface Resumed {
  step: number
  device?: string
  device_note?: string
  precision?: string
  threads?: number
  versions?: Record<string, string>
}

export interface Metrics {
  epoch: number
  images_per_second: number
  seconds: number
  seconds_left: number
  probe_share: number
  probe_interval: number
  steps: Int32Array
  loss: Float32Array
  accuracy: Float32Array
  lr: Float32Array
  clipped: number | null
}

export interface Probe {
  weight_grad: Float64Array
  signal_grad: Float64Array
  agreement?: Float64Array
  mean: Float64Array
  std: Float64Array
  dead: Float32Array
  branch_ratio: Float64Array
  update_ratio: Float64Array
  weight_share: Float32Array[]
  cost: Record<string, number>
  histogram: Int32Array[]
}

export interface Evaluation {
  epoch: number
  precision: string
  test_loss: number | null
  test_accuracy: number
  train_loss: number
  train_accuracy: number
}

export interface Control {
  command: string
  requested: number | null
  applied: string | number
  message?: string
  first?: number
  until?: number
  end?: number
}

export interface Threads {
  threads: number
  before: number
  why: string
}

export interface Checkpoint {
  file: string
}

export interface Unkept {
  message: string
}

export interface Diverged {
  layer: string | null
  what: string
}

export interface End {
  test_accuracy: number | null
  train_loss: number | null
  images_per_second: number | null
  seconds: number
  epochs: number
  precision: string
  clipped: number | null
}

export interface Failed {
  message: string
}

export interface Answer {
  run: Summary
  seq: number
  events: Array<Told>
}

export interface Summary {
  id: string
  group: string
  name: string
  kind: "plain" | "resnet" | "densenet" | "vgg"
  norm: string
  status: "queued" | "starting" | "running" | "paused" | "finished" | "stopped" | "failed" | "diverged"
  message: string
  step: number
  total_steps: number | null
  epochs: number
  batch_size: number
  picture_macs: number
  watched: boolean
  probe_images: number
  lr_asked: number | null
  lr_taken: boolean
  waits: string
  silent_seconds: number | null
  recorded: boolean
}

export interface Told {
  seq: number
  step: number
  time: number
  kind: string
  payload: Record<string, any>
}

export interface LiveData {
  runs: Array<RunName>
  figures: LiveFigures
  asked: Record<string, string | number>
  refused: string | null
  noted: string | null
  tries: boolean
  notes: boolean
  play: boolean
  only: string
  keeps: boolean
  module: string
  plotly: string
}

export interface RunName {
  id: string
  label: string
  brief: string
  style: Style
  quiet: string
}

export interface Style {
  color: string
  dash: string
}

export interface LiveFigures {
  views: Record<string, View>
  layouts: Record<string, Record<string, any>>
  palette: Palette
  config: Record<string, any>
}

export interface View {
  question: string
  why: Array<string>
  alt: string
}

export interface Palette {
  kinds: Record<string, string>
  sequential: string
  sources: Record<string, Sources>
}

export interface Sources {
  input: string
  stops: Array<string>
}

export interface ColumnData {
  module: string
}

export interface Findings {
  seqs: Array<number>
  row: Row
  bands: Array<Band>
  held: string
  said: Sentences
  story: Array<Happening>
  moments: Moments
  ticks: Array<Tick>
}

export interface Row {
  of: Array<number | null>
  looks: Array<Array<number | null>>
  when: Array<string>
}

export interface Band {
  runs: Array<string>
  name: string
  of: string
}

export interface Sentences {
  learns: Said
  gradient: Said
  signals: Said
  flow: Said
}

export interface Said {
  finding: string
  instead: string
}

export interface Happening {
  step: number
  run: string
  id: string
  text: string
  card: "learns" | "gradient" | "signals" | "flow"
  cure: Cure | null
}

export interface Cure {
  part: "net" | "train"
  field: string
  value: string | number | boolean
  label: string
}

export interface Moments {
  unit: "steps" | "pictures"
  same_data: boolean
  kinds: Record<string, number>
  steps: Array<number>
  rows: Array<Row>
  beside: Array<number>
  gaps: Record<string, Array<Array<Gaps>>>
}

export interface Gaps {
  step: number
  gaps: Array<Gap>
}

export interface Gap {
  state: "none" | "below" | "unknown"
  words: string
  rows: Array<number>
}

export interface Tick {
  step: number
  kind: "checkpoint" | "epoch" | "resumed" | "rate" | "finding" | "note"
  text: string
}

export interface ReportData {
  live: DashboardData
  choices: Record<string, Array<string>>
  foretold: Array<Foretold>
}

export interface DashboardData {
  runs: Array<RunName>
  figures: LiveFigures
  asked: Record<string, string | number>
  refused: string | null
  noted: string | null
  tries: boolean
  notes: boolean
  play: boolean
  only: string
  keeps: boolean
}

export interface Foretold {
  hidden: Array<string>
  seqs: Array<number>
  bands: Array<Band>
  held: string
  moments: Moments
  ticks: Array<Tick>
  steps: Array<number>
  words: Array<Words>
  rows: Array<Row>
  said: Array<Said>
  happenings: Array<Happening>
}

export interface Words {
  row: number
  said: Record<string, number>
  story: Array<number>
}

export interface Tree {
  lines: Array<Line>
  end: number
  alt: string
}

export interface Line {
  name: string
  words: string
  alt: string
  style: Style
  gone: boolean
  here: boolean
  parent: number | null
  beside: boolean
  start: number
  end: number
  planned: number
  notes: Array<Pin>
}

export interface Pin {
  step: number
  text: string
}

export interface Strips {
  picture: string
  title: string
  strips: Array<Strip>
}

export interface Strip {
  run: string
  name: string
  color: string
  words: string
  frames: Array<Frame>
}

export interface Frame {
  step: number
  image: string
  said: string
  share: number
  right: boolean | null
  guesses: boolean
  alt: string
}

export interface PageData {
  module: string
  palette: Palette
  view: string
  open: string | null
  refusal: string | null
  net: string
  said: string
  other: string | null
  figure: string | null
}

export interface ShownNet {
  name: string
  kind: "plain" | "resnet" | "densenet" | "vgg"
  norm: string
  title: string
  alt: string
  remarks: Array<string>
  widest: number
  forms: Array<DrawnForm>
  stages: Array<DrawnStage>
  rows: Columns
  totals: Totals
  code: Record<string, Array<ShownCode>>
  paper: Published
}

export interface DrawnForm {
  kind: "stem" | "block" | "layer" | "transition" | "head"
  shortcut: "none" | "identity" | "padding" | "projection" | "concatenation"
  explained: string
  inputs: number
  outputs: number
  size: number
  fork: number
  branch: Array<DrawnOp>
  side: Array<DrawnOp>
  after: Array<DrawnOp>
  formula: Array<Array<[string, string]>>
}

export interface DrawnOp {
  name: string
  kind: string
  text: string
  row: number | null
  channels: number | null
}

export interface DrawnStage {
  name: string
  title: string
  units: Array<[string, number, number, number]>
}

export interface Columns {
  name: Array<string>
  kind: Array<string>
  shape: Array<string>
  formula: Array<string>
  params: Array<number>
  macs: Array<number>
  field: Array<number>
  kept: Array<number>
}

export interface Totals {
  params: number
  norm_params: number
  macs: number
  depth: number
  receptive_field: number
  rows: number
}

export interface ShownCode {
  place: string
  text: string
}

export interface Published {
  params: number | null
  value: string | null
  epochs: number | null
  source: string | null
  protocol: string | null
}

export interface ChannelsFigure {
  title: string
  alt: string
  y: string
  groups: Array<Group>
}

export interface Group {
  name: string
  title: string
  bars: Array<[string, Array<number>]>
  links: number
  layers: number
  unit: "stem" | "block" | "layer" | "transition" | "head"
  entering: number
  leaving: number
  size: number
}

export interface MemoryFigure {
  title: string
  alt: string
  batch: number
  nets: Array<NetMemory>
  why: string
}

export interface NetMemory {
  name: string
  kind: "plain" | "resnet" | "densenet" | "vgg"
  params: number
  bars: Array<[string, number]>
  activations: number
  weights: number
  total: number
  measured: number | null
}

export interface ComparisonFigure {
  title: string
  facts: Array<Fact>
  choices: Array<Choice>
  layers: Array<BothLayers>
  differing: number
}

export interface Fact {
  label: string
  unit: string
  values: Array<any>
}

export interface Choice {
  label: string
  values: Array<string>
}

export interface BothLayers {
  name: string
  sides: Array<[string, string, number, number] | null>
  differs: boolean
}

export interface ContentData {
  module: string
  content: string
}

export interface AdditionContent {
  parts: Array<Part>
  shape: Array<number>
  scale: number
  diverging: boolean
  table: string
  title: string
  finding: string
  hint: string
}

export interface Part {
  name: string
  values: Encoded
}

export interface ProductsContent {
  title: string
  intro: string
  names: Array<string>
  shape: Array<number>
  inputs: Encoded
  weights: Encoded
  products: Encoded
  sums: Encoded
  table: string
  steps: Array<StepShown>
  marked: number | null
}

export interface StepShown {
  title: string
  formula: string
  here: number
  net: number
}

export interface GridData {
  module: string
  content: string
  selected: number
}

export interface GridContent {
  steps: Picture
  drawn_low: Encoded
  drawn_span: Encoded
  mean: Encoded
  low: Encoded
  high: Encoded
  scales: Encoded
  order: Encoded
  table: string
  diverging: boolean
  bar: ScaleBar
  sources: Array<string>
  source: Array<number>
  palette: Palette
  title: string
  colour: string
  facts: string
  finding: string
  alt: string
  height: number
}

export interface Picture {
  shape: Array<number>
  data: string
}

export interface ScaleBar {
  scale: number
  units: string
  ends: string
}

export interface OverlayData {
  module: string
  content: string
  selected: Array<number> | null
  pick: boolean
  opacity: number
  side: number
  alt: string
}

export interface OverlayContent {
  title: string
  picture: Picture
  values: Encoded
  table: string
  scale: number
  diverging: boolean
  units: string
  smooth: boolean
  boxes: Array<FrameBox>
  support: Encoded | null
  hint: string
}

export interface FrameBox {
  name: string
  sides: Array<number>
  colour: string
  dashed: boolean
}

export interface CropData {
  module: string
  picture: CropPicture
  crop: Array<number>
  least: number
  movable: boolean
  inner: number | null
  small: number
  seen: Array<SeenBy>
}

export interface CropPicture {
  url: string
  title: string
  width: number
  height: number
}

export interface SeenBy {
  size: number
  url: string
}

export interface Panels {
  title: string
  heads: Array<Headed>
  plots: Array<Plot | null>
  alts: Array<string>
  legend: Array<Named>
  note: string
  file: string
}

export interface Headed {
  color: string
  dash: string
  name: string
  words: string
}

export interface Plot {
  curves: Array<Curve>
  x: string
  y: string
  log: boolean
  range: [number, number]
  level: number | null
  height: number
}

export interface Curve {
  color: string
  dash: string
  name: string
  x: Encoded
  y: Encoded
  zeros: Array<number>
  points: boolean
  bars: boolean
}

export interface Named {
  color: string
  dash: string
  name: string
}

export interface Payloads {
  started: Started
  resumed: Resumed
  metrics: Metrics
  probe: Probe
  evaluation: Evaluation
  control: Control
  threads: Threads
  checkpoint: Checkpoint
  unkept: Unkept
  diverged: Diverged
  finished: End
  stopped: End
  failed: Failed
}
