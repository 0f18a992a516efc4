"""All that is chosen about a run, as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from core.spec.base import Spec
from core.spec.net import NetSpec
from core.spec.run import RunSpec, TrainSpec
from core.vocabulary.datasets import pictures_of
from core.vocabulary.field import Field
from core.vocabulary.fields import NET, TRAIN

FIRST = ("family", "depth", "norm", "skip", "init", "data", "epochs", "lr", "batch_size", "seed")


class Row(NamedTuple):
    """A field of the recipe, its value in words, and whether that is what the form begins with."""

    label: str
    value: str
    usual: bool
    first: bool  # whether it is always worth knowing


def rows(spec: RunSpec) -> list[Row]:
    """All fields that mean something in this net."""
    usual = NetSpec.make(family=spec.net.family, form=spec.net.form, bottleneck=spec.net.bottleneck)
    offered = {name: field for name, field in NET.items() if field.offered(spec.net.model_dump())}
    return [*_rows(offered, spec.net, usual), *_rows(TRAIN, spec.train, TrainSpec())]


def _rows(fields: Mapping[str, Field], spec: Spec, usual: Spec) -> list[Row]:
    found = []
    for name, field in fields.items():
        value = getattr(spec, name)
        said = pictures_of(value) if name == "data" else field.value(value)
        found.append(Row(field.label, said, value == getattr(usual, name), name in FIRST))
    return found
