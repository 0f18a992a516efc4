"""What the Inspect page's components are given (:mod:`core.web.declared` writes their types from these).

``content`` is JSON text that the browser reads once a change; an array in it is an
:class:`core.record.events.Encoded`.
"""

from __future__ import annotations

from typing import TypedDict

from core.figures.schema import Array, Palette


class ContentData(TypedDict):
    """The sum of a block, or the products of a number."""

    module: str
    content: str


class Picture(TypedDict):
    """RGB of a picture, or steps of the colours: bytes as base64."""

    shape: list[int]
    data: str


class GridData(ContentData):
    """The maps of one layer."""

    selected: int


class ScaleBar(TypedDict):
    """What stands at the scale of the colours."""

    scale: float
    units: str
    ends: str  # words, where each map has a scale of its own, else ""


class GridContent(TypedDict):
    """C maps: one byte a value, from ``drawn_low`` over ``drawn_span``."""

    steps: Picture  # shape (C, h, w)
    drawn_low: Array  # (C,)
    drawn_span: Array
    mean: Array
    low: Array
    high: Array
    scales: Array
    order: Array  # channel numbers
    table: str  # 256 RGB, base64
    diverging: bool
    bar: ScaleBar
    sources: list[str]
    source: list[int]  # of each map, or nothing
    palette: Palette
    title: str
    colour: str  # of the net beside others, or nothing
    facts: str
    finding: str
    alt: str
    height: int


class OverlayData(ContentData):
    """A map over the picture."""

    selected: list[int] | None  # row and column
    pick: bool
    opacity: int
    side: int
    alt: str


class FrameBox(TypedDict):
    """A frame on the picture."""

    name: str
    sides: list[float]  # left, top, right, bottom in the picture's pixels
    colour: str
    dashed: bool


class OverlayContent(TypedDict):
    """The map and the picture that it lies on."""

    title: str
    picture: Picture
    values: Array  # (h, w)
    table: str
    scale: float
    diverging: bool
    units: str
    smooth: bool
    boxes: list[FrameBox]
    support: Array | None  # (S, S)
    hint: str


class Part(TypedDict):
    """Branch, shortcut or sum."""

    name: str
    values: Array


class AdditionContent(TypedDict):
    """Three maps of one size."""

    parts: list[Part]
    shape: list[int]  # (h, w)
    scale: float
    diverging: bool
    table: str
    title: str
    finding: str
    hint: str


class StepShown(TypedDict):
    """One operation on the number."""

    title: str
    formula: str
    here: float
    net: float


class ProductsContent(TypedDict):
    """What one number is made of: arrays (C, h, w), and C sums."""

    title: str
    intro: str
    names: list[str]
    shape: list[int]
    inputs: Array
    weights: Array
    products: Array
    sums: Array
    table: str
    steps: list[StepShown]
    marked: int | None


class CropPicture(TypedDict):
    """What the square is put on."""

    url: str
    title: str
    width: int
    height: int


class SeenBy(TypedDict):
    """What nets of a size make of the square."""

    size: int
    url: str


class CropData(TypedDict):
    """The square of the picture that the nets see."""

    module: str
    picture: CropPicture
    crop: list[float]  # x, y and size
    least: float
    movable: bool
    inner: float | None  # share of the square that nets of ImageNet see
    small: int
    seen: list[SeenBy]
