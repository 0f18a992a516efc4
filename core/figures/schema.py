"""What the browser is told of nets and figures, as JSON (:mod:`core.web.declared` writes its types from these)."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from numpy.typing import NDArray

from core.figures.operations import Token
from core.vocabulary.families import Kind

UnitKind = Literal["stem", "block", "layer", "transition", "head"]
ShortcutKind = Literal["none", "identity", "padding", "projection", "concatenation"]
Layout = dict[str, Any]  # of Plotly
Array = NDArray[Any]
RowSide = tuple[str, str, int, int]  # output shape, formula, parameters, receptive field


class Sources(TypedDict):
    """Colours of what a dense layer reads, early to late."""

    input: str
    stops: list[str]


class Style(TypedDict):
    """How a run is drawn, wherever it is."""

    color: str
    dash: str  # Plotly's word


class Palette(TypedDict):
    """The legend of the whole app."""

    kinds: dict[str, str]  # by kind of net
    sequential: str
    sources: dict[str, Sources]  # by theme


class View(TypedDict):
    """One card of the dashboard."""

    question: str
    why: list[str]
    alt: str


class LiveFigures(TypedDict):
    """What the dashboard fills with data."""

    views: dict[str, View]
    layouts: dict[str, Layout]
    palette: Palette
    config: Layout


class DrawnOp(TypedDict):
    """One operation of a unit."""

    name: str
    kind: str
    text: str
    row: int | None
    channels: int | None


class DrawnForm(TypedDict):
    """What a unit is made of."""

    kind: UnitKind
    shortcut: ShortcutKind
    explained: str
    inputs: int
    outputs: int
    size: int
    fork: int  # operations before the shortcut leaves the branch
    branch: list[DrawnOp]
    side: list[DrawnOp]
    after: list[DrawnOp]
    formula: list[list[Token]]


class DrawnStage(TypedDict):
    """Units in a row: name, index of the form, first row and count of rows."""

    name: str
    title: str
    units: list[tuple[str, int, int, int]]


class Columns(TypedDict):
    """The layer table, column by column."""

    name: list[str]
    kind: list[str]
    shape: list[str]
    formula: list[str]
    params: list[int]
    macs: list[int]
    field: list[int]
    kept: list[int]


class Totals(TypedDict):
    """Of a net."""

    params: int
    norm_params: int
    macs: int
    depth: int
    receptive_field: int
    rows: int


class Drawing(TypedDict):
    """The picture of a net and its layer table."""

    name: str
    kind: Kind
    norm: str
    title: str
    alt: str
    remarks: list[str]  # what its numbers do not say
    widest: int
    forms: list[DrawnForm]
    stages: list[DrawnStage]
    rows: Columns
    totals: Totals


class ShownCode(TypedDict):
    """Of the project's own code."""

    place: str
    text: str


class Published(TypedDict):
    """What is published about exactly this net; none where nothing is."""

    params: int | None
    value: str | None
    epochs: int | None
    source: str | None
    protocol: str | None


class ShownNet(Drawing):
    """All that the Architecture page shows of a net."""

    code: dict[str, list[ShownCode]]  # by kind of unit
    paper: Published


class Group(TypedDict):
    """A stage with several units: bars are name and sources in input order."""

    name: str
    title: str
    bars: list[tuple[str, list[int]]]
    links: int
    layers: int
    unit: UnitKind
    entering: int
    leaving: int
    size: int


class ChannelsFigure(TypedDict):
    """How wide the maps are along a net."""

    title: str
    alt: str
    y: str
    groups: list[Group]


class NetMemory(TypedDict):
    """What a net keeps, in bytes: bars are unit and bytes."""

    name: str
    kind: Kind
    params: int
    bars: list[tuple[str, int]]
    activations: int
    weights: int
    total: int
    measured: int | None


class MemoryFigure(TypedDict):
    """Memory of one training step of two nets."""

    title: str
    alt: str
    batch: int
    nets: list[NetMemory]
    why: str


class Fact(TypedDict):
    """A number of both nets."""

    label: str
    unit: str
    values: list[Any]


class Choice(TypedDict):
    """A field in which two specs differ."""

    label: str
    values: list[str]


class BothLayers(TypedDict):
    """A row of the first net and of the second."""

    name: str
    sides: list[RowSide | None]
    differs: bool


class ComparisonFigure(TypedDict):
    """Two nets side by side."""

    title: str
    facts: list[Fact]
    choices: list[Choice]
    layers: list[BothLayers]
    differing: int


class Named(Style):
    """How something is drawn, and what it is."""

    name: str


class Headed(Named):
    """The head of a column: what is drawn below, and what is found there."""

    words: str


class Curve(Named):
    """Of a plot; a value that is no number is a gap."""

    x: Array  # (N,) whole numbers
    y: Array  # (N,)
    zeros: list[int]  # where it is exactly 0, which has no place on a log axis
    points: bool  # whether each value has a mark
    bars: bool  # in place of a line


class Plot(TypedDict):
    """Curves over whole numbers."""

    curves: list[Curve]
    x: str  # titles of the axes
    y: str
    log: bool
    range: tuple[float, float]  # of y; exponents of ten where it is ``log``
    level: float | None  # of a dotted line from side to side
    height: int  # px


class Panels(TypedDict):
    """A row of the X-ray: its columns with a plot each, or with one plot for all of them."""

    title: str
    heads: list[Headed]
    plots: list[Plot | None]  # None: not measured yet
    alts: list[str]  # one a plot
    legend: list[Named]  # of what each column has
    note: str  # of a figure for a paper: how it was measured
    file: str  # name of such a figure
