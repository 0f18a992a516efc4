"""Which trained nets there are: those that ship with the lab, as their files describe themselves. No torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from safetensors import SafetensorError, safe_open

from core.spec import NetSpec

SUFFIX = ".safetensors"
SHIPPED = Path(__file__).parents[2] / "assets" / "nets"


@dataclass(frozen=True)
class Entry:
    """A trained net that can be chosen."""

    ref: str  # what a link and the command line call it
    title: str
    path: Path | None  # None where its weights are not on this machine yet
    net: NetSpec
    classes: str = "cifar10"  # what it tells apart; or "imagenet"
    test_accuracy: float | None = None
    epochs: int | None = None  # trained
    command: str = ""  # that trains it again

    @property
    def size(self) -> int:
        """Pixels a side of the picture that it reads."""
        return self.net.image_size


@lru_cache
def shipped() -> tuple[Entry, ...]:
    """The nets in assets/nets, by name."""
    return tuple(of_file(path) for path in sorted(SHIPPED.glob(f"*{SUFFIX}")))


def of_file(path: Path) -> Entry:
    """The net that a checkpoint says it holds, without reading its tensors. Raises ValueError, one sentence."""
    try:
        with safe_open(path, framework="numpy") as file:
            meta = json.loads((file.metadata() or {})["meta"])
        spec = NetSpec.make(**meta["spec"]["net"])
    except FileNotFoundError:
        raise ValueError(f"There is no checkpoint at {path}: choose another one.") from None
    except (OSError, SafetensorError, KeyError, TypeError, ValueError):
        raise ValueError(
            f"{path} is not a whole checkpoint of this project: choose another one or train again."
        ) from None
    return Entry(
        ref=path.stem,
        title=spec.name,
        path=path,
        net=spec,
        test_accuracy=meta.get("test_accuracy"),
        epochs=meta.get("epochs"),
        command=meta.get("command", ""),
    )
