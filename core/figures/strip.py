"""A film of one picture: what a net says of it, and maps of a layer, at each checkpoint that is kept of a run."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from core.data.pictures import to_png
from core.figures import colour_maps
from core.figures.predictions import SURE
from core.record.answers import Maps, Prediction
from core.vocabulary.numbers import percent

SIDE = 2  # maps a side of a frame
PIXELS = 64  # of a frame's side, at least


class Frame(TypedDict):
    """A run at a checkpoint."""

    step: int
    image: str  # address of its maps, as a picture
    said: str  # the likeliest class
    share: float  # how likely it is, in the net's own words
    right: bool | None  # None: nobody knows the answer, or it is a guess
    guesses: bool  # no class is much likelier than where nothing is known
    alt: str


class Strip(TypedDict):
    """A run's frames, the earliest first."""

    run: str  # id
    name: str
    color: str
    words: str  # what is shown
    frames: list[Frame]


class Strips(TypedDict):
    """Of runs that are shown together."""

    picture: str  # its address
    title: str
    strips: list[Strip]


class Colours(NamedTuple):
    """What colours mean, in all strips of a page: the same colour is the same value."""

    scale: float  # the largest value, without its sign
    diverging: bool  # some are below 0

    @property
    def words(self) -> str:
        return f"{'blue is below 0, ' * self.diverging}colours up to {self.scale:.2g}"


def colours(runs: Sequence[Sequence[Maps]]) -> Colours:
    """Those of runs, each at its checkpoints."""
    shown = [maps["maps"][strongest(seen[-1]["maps"])] for seen in runs for maps in seen]
    scale = max((float(np.abs(maps).max(initial=0.0)) for maps in shown), default=0.0)
    return Colours(scale, any(bool((maps < 0).any()) for maps in shown))


def frames(
    steps: Sequence[int], said: Sequence[Prediction], seen: Sequence[Maps], truth: str | None, colours: Colours
) -> tuple[list[Frame], str]:
    """The frames of one run, and in words what they show."""
    chosen = strongest(seen[-1]["maps"])
    found = [
        _frame(step, prediction, mosaic(maps["maps"][chosen]), colours, truth)
        for step, prediction, maps in zip(steps, said, seen, strict=True)
    ]
    last = seen[-1]
    count = f"map {chosen[0]}" if len(chosen) == 1 else f"its {len(chosen)} strongest maps at the last checkpoint"
    return found, f"{last['layers'][last['layer']]}, {last['part']}: {count}, {colours.words}"


def strongest(maps: NDArray[np.float32]) -> NDArray[np.int64]:
    """Numbers of the maps (C, h, w) with the largest mean size, the first of equals, in ascending order."""
    order = np.argsort(-np.abs(maps).mean((1, 2)), kind="stable")
    return np.sort(order[: SIDE**2])


def mosaic(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Maps (n, h, w) as the rows of a square, (side, side); nothing stands where there are fewer."""
    count, height, width = maps.shape
    side = SIDE if count > 1 else 1
    whole = np.zeros((side**2, height, width), np.float32)
    whole[:count] = maps[: side**2]
    rows = whole.reshape(side, side, height, width).transpose(0, 2, 1, 3).reshape(side * height, side * width)
    larger = max(1, PIXELS // rows.shape[0])
    return rows.repeat(larger, 0).repeat(larger, 1)


def _frame(step: int, prediction: Prediction, maps: NDArray[np.float32], colours: Colours, truth: str | None) -> Frame:
    best = int(prediction["probabilities"].argmax())
    said, share = prediction["classes"][best], float(prediction["probabilities"][best])
    picture = to_png(colour_maps.coloured(maps, *colours))
    guesses = share < SURE / len(prediction["classes"])
    right = None if truth is None or guesses else said == truth
    verdict = "" if right is None else ", which is right" if right else ", which is wrong"
    return {
        "step": step,
        "image": f"data:image/png;base64,{base64.b64encode(picture).decode()}",
        "said": said,
        "share": share,
        "right": right,
        "guesses": guesses,
        "alt": f"step {step:,}: {'guessing ' * guesses}{said}, {percent(share, 0)}{verdict}",
    }
