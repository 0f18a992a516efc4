"""What to try against something that happened: one field of the run's spec, changed, and nothing else."""

from __future__ import annotations

from typing import Literal, TypedDict

from core.spec import RunSpec, SpecError
from core.vocabulary.fields import NET
from core.vocabulary.numbers import number

SHORT = 200  # steps of a warm-up where there was none
PART = 4  # a warm-up takes at most one step in so many


class Change(TypedDict):
    """One field of a run's spec, and its new value."""

    part: Literal["net", "train"]
    field: str
    value: str | float | bool


class Cure(Change):
    """A change as a button: what it says."""

    label: str


def cured(spec: RunSpec, change: Change) -> RunSpec | None:
    """The same run with that field changed; None where the spec refuses it."""
    fields = {change["field"]: change["value"]}
    try:
        if change["part"] == "net":
            return spec.but(net=spec.net.but(**fields))
        return spec.but(train=spec.train.but(**fields))
    except SpecError:
        return None


def norm(spec: RunSpec) -> Cure | None:
    """Batch norm, in a net without any norm."""
    if spec.net.norm != "none":
        return None
    return _possible(spec, {"label": "Train the twin with BN", "part": "net", "field": "norm", "value": "batch"})


def skips(spec: RunSpec) -> Cure | None:
    """Skip connections, in a net without."""
    if not NET["skip"].offered(spec.net.model_dump()) or spec.net.skip:
        return None
    return _possible(spec, {"label": "Train the twin with skips", "part": "net", "field": "skip", "value": True})


def warm_up(spec: RunSpec, total_steps: int) -> Cure | None:
    """A warm-up, or one twice as long, of at most a part of the run."""
    had = spec.train.warmup_steps
    steps = min(2 * had if isinstance(had, int | float) and had else SHORT, total_steps // PART)
    if isinstance(had, int | float) and steps <= had:
        return None
    label = f"Train it with a warm-up of {steps:,g} steps"
    return _possible(spec, {"label": label, "part": "train", "field": "warmup_steps", "value": steps})


def rate(spec: RunSpec) -> Cure | None:
    """A tenth of the learning rate."""
    tenth = spec.train.lr / 10
    label = f"Train it at rate {number(tenth)}"
    return _possible(spec, {"label": label, "part": "train", "field": "lr", "value": tenth})


def _possible(spec: RunSpec, cure: Cure) -> Cure | None:
    return cure if cured(spec, cure) else None
