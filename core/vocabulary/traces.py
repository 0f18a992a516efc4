"""How much of a run's past is kept for drawing, and how it is smoothed: by the server for what was, by the browser for
what comes."""

from __future__ import annotations

from typing import Literal, TypedDict

POINTS = 2000  # of a trace, at most
PROBES = 256  # columns of a layer x step heatmap, at most
PROBES_LEFT = 204  # of those, evenly, where there would be more
RECENT = 20  # minibatches over whose mean runs are compared
NAMES: tuple[Literal["loss", "accuracy", "lr"], ...] = ("loss", "accuracy", "lr")  # one value a step
SMOOTHED: tuple[Literal["loss", "accuracy"], ...] = ("loss", "accuracy")
WINDOW = (8, 200)  # steps of the moving average: a share of an epoch within these
SHARE_OF_EPOCH = 4  # the window is one over so many of it
SMOOTHINGS = (20, 100)  # steps of the moving averages that can be chosen instead


def window(steps_per_epoch: int) -> float:
    """Steps over which training values are smoothed."""
    least, most = WINDOW
    return min(max(steps_per_epoch / SHARE_OF_EPOCH, least), most)


def averages(usual: float) -> list[tuple[str, Literal["loss", "accuracy"], float]]:
    """Every moving average that is kept: its name, of what it is, and its steps."""
    return [
        average
        for name in SMOOTHED
        for average in (
            (f"smooth_{name}", name, usual),
            *((f"smooth_{name}_{steps}", name, float(steps)) for steps in SMOOTHINGS),
        )
    ]


class Keeping(TypedDict):
    """What is kept of a run's past."""

    points: int
    probes: int
    probes_left: int
    recent: int
    names: tuple[Literal["loss", "accuracy", "lr"], ...]
    smoothed: tuple[Literal["loss", "accuracy"], ...]
    smoothings: tuple[int, ...]
    window: tuple[int, int]
    share_of_epoch: int


def for_browser() -> Keeping:
    return {
        "points": POINTS,
        "probes": PROBES,
        "probes_left": PROBES_LEFT,
        "recent": RECENT,
        "names": NAMES,
        "smoothed": SMOOTHED,
        "smoothings": SMOOTHINGS,
        "window": WINDOW,
        "share_of_epoch": SHARE_OF_EPOCH,
    }
