"""The values that a field can be chosen from: what each is called in a form, and in words beside a net."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Norm = Literal["batch", "group", "layer", "instance", "none"]
Shortcut = Literal["A", "B", "C"]
Init = Literal["he", "default", "zero-gamma", "gamma-0.1", "fixup"]
Stride = Literal["1x1", "3x3"]
Stem = Literal["3x3", "7x7"]
Optimizer = Literal["sgd", "adamw"]
Decay = Literal["all", "weights"]
Schedule = Literal["constant", "step", "cosine", "onecycle"]
ScheduleBy = Literal["step", "epoch"]
Precision = Literal["auto", "float32", "bf16"]


@dataclass(frozen=True)
class NormWords:
    """What a norm is called."""

    label: str  # in the form
    short: str  # in pictures and names; "" where there is none
    words: str  # beside a net


NORMS: dict[Norm, NormWords] = {
    "batch": NormWords("Batch", "BN", "with BN"),
    "group": NormWords("Group", "GN", "with GN"),
    "layer": NormWords("Layer", "LN", "with LN"),
    "instance": NormWords("Instance", "IN", "with IN"),
    "none": NormWords("None", "", "without BN"),
}
SHORTCUTS: dict[Shortcut, str] = {"A": "A", "B": "B", "C": "C"}
INITS: dict[Init, str] = {
    "he": "He",
    "default": "PyTorch default",
    "zero-gamma": "Zero-γ",
    "gamma-0.1": "γ = 0.1",
    "fixup": "Fixup",
}
STRIDES: dict[Stride, str] = {"3x3": "3x3", "1x1": "1x1"}


@dataclass(frozen=True)
class StemWords:
    """What a stem is called."""

    label: str  # in the form
    called: str  # the net with four stages behind it, in its name
    image_size: int  # pixels a side of the pictures it is made for


STEMS: dict[Stem, StemWords] = {
    "3x3": StemWords("3x3", "3×3 stem", 32),
    "7x7": StemWords("7x7", "ImageNet", 224),  # with stride 2 and pooling
}
SCHEDULES: dict[Schedule, str] = {
    "cosine": "Cosine",
    "onecycle": "One cycle",
    "step": "Step",
    "constant": "Constant",
}
SCHEDULE_BY: dict[ScheduleBy, str] = {"step": "Every step", "epoch": "Every epoch"}
OPTIMIZERS: dict[Optimizer, str] = {"sgd": "SGD", "adamw": "AdamW"}
DECAYS: dict[Decay, str] = {"all": "All parameters", "weights": "Weights only"}
PRECISIONS: dict[Precision, str] = {"auto": "Automatic", "float32": "float32", "bf16": "bf16"}
