"""What each kind of event holds. The browser's types are written from these (:mod:`core.web.declared`).

Arrays are numpy, float32 unless said otherwise. L layers, B residual blocks, E histogram edges.
"""

from typing import Annotated, Any, NotRequired, TypedDict

import numpy as np
from numpy.typing import NDArray

FORMAT = 1  # of all payloads; runs from before it was counted have the same
Floats = NDArray[np.float32]
Norms = NDArray[np.float64]
Counts = NDArray[np.int32]
ROWS = "rows"  # an array of two axes: the browser reads it row by row
FloatRows = Annotated[Floats, ROWS]
CountRows = Annotated[Counts, ROWS]


class Place(TypedDict):
    """Where a run is trained."""

    device: str
    device_note: str  # why it is not the one that was asked for, else ""
    precision: str
    threads: int
    versions: NotRequired[dict[str, str]]  # of the lab and its libraries; older runs do not say


class Source(TypedDict):
    """What a dense layer reads."""

    name: str
    channels: int


class LedgerRow(TypedDict):
    """A dense layer and its sources."""

    name: str
    sources: list[Source]


class Operation(TypedDict):
    """How a run took over the state of another one."""

    run: str  # id of the other
    step: int  # of the other
    net: str  # name of the other's
    said: list[str]  # what became of its weights, in sentences; none where the net is the same
    pictures: int  # training pictures on which both nets were evaluated at the cut; 0 where they are the same
    loss_before: NotRequired[float | None]  # none where it is no number
    loss_after: NotRequired[float | None]
    apart: NotRequired[float | None]  # the most that two logits differ


class Started(Place):
    """``started``: what is trained, once, at step 0, or where it goes on from another run."""

    format: int
    spec: dict[str, Any]
    name: str
    params: int
    steps_per_epoch: int
    total_steps: int
    data: NotRequired[str]  # what the data set is called; runs from before there were others do not say
    data_digest: NotRequired[str]  # SHA-256 of the pictures and labels; older runs do not say
    train_digest: NotRequired[str]  # of those for training alone; older runs do not say
    images: int  # for training
    epoch: str  # one sentence: how these are cut into steps
    layers: list[str]
    blocks: list[str]
    ledger: list[LedgerRow]
    histogram_edges: Floats  # (E,)
    taken_over: NotRequired[Operation | None]  # where it goes on from another run; older forks do not say


class Resumed(TypedDict):
    """``resumed``: what was reported after that step is void; it is trained, bit for bit, again."""

    step: int
    device: NotRequired[str]
    device_note: NotRequired[str]
    precision: NotRequired[str]
    threads: NotRequired[int]
    versions: NotRequired[dict[str, str]]


class Pace(TypedDict):
    """How it goes."""

    epoch: float
    images_per_second: float
    seconds: float  # training clock: no evaluation, no pause
    seconds_left: float
    probe_share: float  # of wall time
    probe_interval: int  # steps


class Metrics(Pace):
    """``metrics``: one entry per step since the last report."""

    steps: Counts
    loss: Floats
    accuracy: Floats
    lr: Floats
    clipped: float | None  # share of all steps so far whose gradient was clipped; none where clipping is off


class Traces(Metrics):
    """``metrics`` of a Recording: one entry for each step that it keeps, and the training clock at some of them."""

    smooth_loss: Floats
    smooth_accuracy: Floats
    smooth_loss_20: NotRequired[Floats]  # over that many steps; of thinned recordings of older versions unknown
    smooth_loss_100: NotRequired[Floats]
    smooth_accuracy_20: NotRequired[Floats]
    smooth_accuracy_100: NotRequired[Floats]
    recent_loss: Floats  # mean over the last minibatches
    clock_steps: Counts
    clock_seconds: Floats


class Measured(TypedDict):
    """What can be measured of a net also before it trains."""

    weight_grad: Norms  # (L,)
    signal_grad: Norms  # (L,)
    agreement: NotRequired[Norms]  # (L,), at some looks; runs from before it was measured have none
    mean: Norms  # (L,)
    std: Norms  # (L,)
    dead: Floats  # (L,)
    branch_ratio: Norms  # (B,)


class Look(Measured):
    """``probe`` of a Recording, which keeps histograms of some looks alone."""

    update_ratio: Norms  # (L,)
    weight_share: FloatRows  # (rows of the ledger, most sources), padded with NaN
    cost: dict[str, float]  # seconds of each quantity


class Probe(Look):
    """``probe``: one look at the fixed probe batch."""

    histogram: CountRows  # (L, E + 1), with under- and overflow at the ends


class Evaluation(TypedDict):
    """``evaluation``: the test set, and means over the epoch's pictures."""

    epoch: int  # finished
    precision: str
    test_loss: float | None  # none where it is infinite
    test_accuracy: float
    train_loss: float
    train_accuracy: float


class Control(TypedDict):
    """``control``: what was asked, and what was made of it."""

    command: str
    requested: float | None
    applied: str | float
    message: NotRequired[str]  # where it was refused
    first: NotRequired[int]  # of a learning rate: the steps from 1 that have all of it
    until: NotRequired[int]
    end: NotRequired[float]  # the rate of the last step


class Threads(TypedDict):
    """``threads``: another number of threads from the next step on."""

    threads: int
    before: int
    why: str  # half a sentence


class Checkpoint(TypedDict):
    """``checkpoint``, as it is stored."""

    file: str


class Unkept(TypedDict):
    """``unkept``: a film that leaves out what it had a place for, from here on until it can be written again."""

    message: str  # one sentence


class Diverged(TypedDict):
    """``diverged``: where a number stopped being finite."""

    layer: str | None
    what: str  # one sentence


class End(TypedDict):
    """``finished`` or ``stopped``: what a run came to."""

    test_accuracy: float | None
    train_loss: float | None
    images_per_second: float | None
    seconds: float
    epochs: int
    precision: str
    clipped: float | None


class Failed(TypedDict):
    """``failed``"""

    message: str  # one sentence


SCHEMA: dict[str, type[Any]] = {
    "started": Started,
    "resumed": Resumed,
    "metrics": Metrics,
    "probe": Probe,
    "evaluation": Evaluation,
    "control": Control,
    "threads": Threads,
    "checkpoint": Checkpoint,
    "unkept": Unkept,
    "diverged": Diverged,
    "finished": End,
    "stopped": End,
    "failed": Failed,
}
