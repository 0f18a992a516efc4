"""What the inference worker answers, by kind of question: what travels, and what pages and figures read.

Arrays are numpy. K classes, L convolutions (of an X-ray: layers), S pixels a side of the picture. Each answer travels
with ``seconds`` besides, which it took.
"""

# without annotations of __future__, which would hide what is not required from those who read these types
from typing import Any, Generic, NotRequired, Self, TypedDict, TypeVar

from core.record.payloads import Counts, Floats, Measured, Norms

Box = list[float]  # left, top, right, bottom in pixels of the picture
Answer = TypeVar("Answer")


class Kind(str, Generic[Answer]):
    """The name of a kind of question, which knows the type of its answers."""

    answer: type[Answer]

    def __new__(cls, name: str, answer: type[Answer]) -> Self:
        kind = super().__new__(cls, name)
        kind.answer = answer
        return kind


class Prediction(TypedDict):
    """What a net says about a picture."""

    logits: Floats  # (K,)
    probabilities: Floats  # (K,)
    classes: list[str]
    top: list[int]  # numbers of the likeliest


class Maps(TypedDict):
    """The maps of one convolution, and what can be seen there."""

    layers: list[str]  # all convolutions
    layer: int
    parts: list[str]
    part: str
    maps: Floats  # (C, h, w)
    sources: list[str]  # which layer made each, of the part "reads"
    low: Floats  # (L,), of each layer's first part
    high: Floats


class Explanation(TypedDict):
    """What speaks for a class, pixel by pixel."""

    layers: list[str]  # that Grad-CAM may read
    layer: int
    target: int
    method: str
    heat: Floats  # (S, S)
    positions: int  # a side, where it was found
    logit: float
    baseline_logit: NotRequired[float]  # of Integrated Gradients, as what follows
    total: NotRequired[float]
    error: NotRequired[float]


class Field(TypedDict):
    """The receptive field of one response."""

    theory: Box
    size: int  # its side
    support: Floats  # (S, S)
    measured: Box | None
    mass: Box | None


class Operation(TypedDict):
    """What becomes of a number before the next convolution reads it."""

    name: str
    kind: str  # norm, relu, bias, scale, gate, factor, add
    value: float  # afterwards
    mean: NotRequired[float]  # of a norm, as what follows
    variance: NotRequired[float]
    eps: NotRequired[float]
    weight: NotRequired[float]  # of a norm or a scale
    shift: NotRequired[float]  # of these or a bias
    factor: NotRequired[float]
    shortcut: NotRequired[float]


class Products(TypedDict):
    """What one number of a map is made of: C maps of k x k."""

    layer: str
    inputs: Floats  # (C, k, k)
    weights: Floats
    products: Floats
    from_channels: Floats  # (C,)
    input_names: list[str]
    bias: float
    conv: float
    steps: list[Operation]


class Statistics(TypedDict):
    """Of N batch norms: averages over their channels."""

    running_mean: Floats  # (N,)
    running_std: Floats
    batch_mean: Floats
    batch_std: Floats
    shift: Floats


class Modes(Statistics):
    """A picture within batches, in eval and in train mode."""

    classes: list[str]
    eval: Floats  # (batches, K)
    train: Floats
    layers: list[str]  # N names
    chance: list[str]


class Scores(TypedDict):
    """What a net says about test pictures."""

    probabilities: Floats  # (count, K)


class XRay(Measured):
    """Signal and gradient of a net before its first step: L layers, B branches, P points of the stream."""

    layers: list[str]
    blocks: list[str]
    branch_variance: Norms  # (B,)
    stream_at: Counts  # (P,)
    stream_squared_mean: Norms
    stream_variance: Norms
    branch_at: Counts  # (B,)
    loss: float
    images: int
    step: int
    mode: str


class NamedXRay(XRay):
    """Of which net or stack."""

    name: str
    params: int
    kind: str  # net or stack


PREDICT = Kind("predict", Prediction)
MAPS = Kind("maps", Maps)
EXPLAIN = Kind("explain", Explanation)
FIELD = Kind("field", Field)
PRODUCTS = Kind("products", Products)
MODES = Kind("modes", Modes)
SCORE = Kind("score", Scores)
XRAY = Kind("xray", NamedXRay)
Request = dict[str, Any]
