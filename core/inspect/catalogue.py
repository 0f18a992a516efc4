"""Which trained nets there are: those that ship with the lab, as their files describe themselves. No torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from safetensors import SafetensorError, safe_open

from core.spec import NetSpec, SpecError, TrainSpec
from core.vocabulary.datasets import DATASETS, USUAL, DataSet, name_of

SUFFIX = ".safetensors"
PRECISION = "float32"  # in which trained nets answer here, whatever they were trained in
SHIPPED = Path(__file__).parents[2] / "assets" / "nets"


class WeightsError(ValueError):
    """A trained net cannot be had; the message is one sentence for the user: what is wrong and what to do."""


@dataclass(frozen=True)
class Entry:
    """A trained net that can be chosen."""

    ref: str  # what a link and the command line call it
    name: str  # what tells it from the others in its list
    title: str  # its name, and which checkpoint of a run it is
    path: Path | None  # None where its weights are not on this machine yet
    net: NetSpec
    classes: str = USUAL  # of which data set it tells apart; or "imagenet"
    test_accuracy: float | None = None
    precision: str = PRECISION  # in which that was measured; "" where it is not known
    epochs: int | None = None  # trained
    command: str = ""  # that trains it again
    resize: int | None = None  # pixels of a picture's shorter side before its middle is cut out; None: no such step

    @property
    def size(self) -> int:
        """Pixels a side of the picture that it reads."""
        return self.net.image_size

    @property
    def dataset(self) -> DataSet | None:
        """What it was trained on, where the lab has its pictures."""
        return DATASETS.get(self.classes)


@lru_cache
def shipped() -> tuple[Entry, ...]:
    """The nets in assets/nets, by name; one whose file is damaged is not among them."""
    found = []
    for path in sorted(SHIPPED.glob(f"*{SUFFIX}")):
        try:
            found.append(of_file(path))
        except WeightsError:
            continue  # whoever asks for it by name is told
    return tuple(found)


def of_file(path: Path) -> Entry:
    """The net that a checkpoint says it holds, without reading its tensors. Raises WeightsError."""
    meta = _meta(path)
    try:
        spec = NetSpec.make(**meta.spec.net)
    except (SpecError, TypeError, ArithmeticError):
        raise WeightsError(f"{path} describes a net that cannot be built: choose another checkpoint.") from None
    return Entry(
        ref=path.stem,
        name=spec.name,
        title=", ".join(part for part in (spec.name, meta.chosen) if part),
        path=path,
        net=spec,
        classes=name_of(meta.spec.train.data),
        test_accuracy=meta.test_accuracy,
        precision=meta.precision,
        epochs=meta.epochs,
        command=meta.command,
    )


class _Recipe(BaseModel):
    data: str = TrainSpec().data


class _Run(BaseModel):
    net: dict[str, Any]
    train: _Recipe = _Recipe()


class _Meta(BaseModel):
    """What a checkpoint says about itself, as far as it is read here."""

    model_config = ConfigDict(strict=True)

    spec: _Run
    test_accuracy: float | None = Field(None, ge=0, le=1)
    precision: str = PRECISION
    epochs: int | None = Field(None, ge=0)
    command: str = ""
    chosen: str = ""  # how, where that flatters it: as the best epoch on the test set


def _meta(path: Path) -> _Meta:
    """Raises WeightsError."""
    try:
        if not path.is_file():  # opening a pipe would wait for somebody to write into it
            raise WeightsError(f"There is no checkpoint at {path}: choose another one.")
        with safe_open(path, framework="numpy") as file:
            return _Meta.model_validate(json.loads((file.metadata() or {})["meta"]))
    except PermissionError:
        raise WeightsError(f"{path} may not be read: allow it or choose another checkpoint.") from None
    except WeightsError:
        raise
    except (OSError, SafetensorError, KeyError, ValueError, RecursionError):
        raise WeightsError(
            f"{path} is not a whole checkpoint of this project: choose another one or train again."
        ) from None
