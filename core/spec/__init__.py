"""What to build and how to train it: frozen, validated, hashable specs with JSON in and out.

A spec that exists can be built: every field is checked on construction, and what is wrong is said in one sentence
(:class:`SpecError`). Fields that mean nothing to a family take their defaults, so two specs of the same net are equal.
"""

from core.spec.base import Spec, SpecError, Unreadable, shortened
from core.spec.epoch import Epoch
from core.spec.net import NetSpec, twin
from core.spec.presets import PRESETS, preset
from core.spec.run import ProbeSpec, RunSpec, TrainSpec, fitted
from core.spec.written import read_integer, read_number

__all__ = [
    "PRESETS",
    "Epoch",
    "NetSpec",
    "ProbeSpec",
    "RunSpec",
    "Spec",
    "SpecError",
    "TrainSpec",
    "Unreadable",
    "fitted",
    "preset",
    "read_integer",
    "read_number",
    "shortened",
    "twin",
]
