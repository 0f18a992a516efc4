"""What the inference worker answers about trained nets: each function takes one request of the Inspect page.

Each reads ``net``, what :func:`core.answers.networks.find` takes, and most ``picture``, (S, S, 3) from 0 to 255, of the
size that the net was trained on; the rest is what the function of :mod:`core.inspect` it calls takes and gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

import numpy as np

from core import arith
from core.answers import networks
from core.answers.warm import Nets
from core.check import Check
from core.data import files
from core.inspect.explain import METHODS, explain
from core.inspect.field import field
from core.inspect.maps import maps
from core.inspect.modes import modes
from core.inspect.predict import predict, score
from core.inspect.products import products
from core.inspect.trained import Trained, of_entry
from core.record import answers as asked
from core.record.answers import Explanation, Field, Maps, Modes, Prediction, Products, Request, Scores
from core.store.store import EngineError, store
from core.vocabulary.datasets import SAMPLE, dataset_of

Work = Callable[[Request, Nets, Check], Mapping[str, Any]]
MOST_COMPANY = 128  # pictures
MOST_BATCHES = 64
MOST_SCORED = 1000  # pictures


def answer_predict(request: Request, nets: Nets, check: Check) -> Prediction:
    trained = trained_net(request, nets)
    check()
    return predict(trained, picture_for(trained, request))


def answer_maps(request: Request, nets: Nets, check: Check) -> Maps:
    """``layer`` number, -1 is the last; ``part`` name, "" is the first there is."""
    trained = trained_net(request, nets)
    picture = picture_for(trained, request)
    return maps(trained, picture, int(request["layer"]), str(request.get("part", "")), check)


def answer_explain(request: Request, nets: Nets, check: Check) -> Explanation:
    """``method``, ``target`` class number, ``layer`` number for Grad-CAM, -1 is the last."""
    trained = trained_net(request, nets)
    picture, target = picture_for(trained, request), int(request["target"])
    if not 0 <= target < len(trained.classes):
        raise EngineError(f"Class {target} is not one of this net's: choose 0 to {len(trained.classes) - 1}.")
    if request["method"] not in METHODS:
        raise EngineError(f'There is no explanation "{request["method"]}": choose {", ".join(METHODS)}.')
    return explain(trained, picture, request["method"], target, int(request.get("layer", -1)), check)


def answer_field(request: Request, nets: Nets, check: Check) -> Field:
    """``layer``, ``channel`` (-1 is all), ``y``, ``x``."""
    trained = trained_net(request, nets)
    return field(trained, picture_for(trained, request), *place_in(trained, request, channel_from=-1))


def answer_products(request: Request, nets: Nets, check: Check) -> Products:
    """``layer``, ``channel``, ``y``, ``x``."""
    trained = trained_net(request, nets)
    return products(trained, picture_for(trained, request), *place_in(trained, request, channel_from=0))


def answer_modes(request: Request, nets: Nets, check: Check) -> Modes:
    """``company``: pictures in a batch, 2 to 128; ``batches`` 1 to 64; ``seed``. The company is of the sample."""
    trained = trained_net(request, nets)
    company, batches, seed = (int(request[name]) for name in ("company", "batches", "seed"))
    if not (2 <= company <= MOST_COMPANY and 1 <= batches <= MOST_BATCHES):
        raise EngineError(f"Choose batches of 2 to {MOST_COMPANY} pictures, and 1 to {MOST_BATCHES} of them.")
    others = test_set(SAMPLE)[0].transpose(0, 2, 3, 1)
    return modes(trained, picture_for(trained, request), others, company, batches, seed, check)


def answer_score(request: Request, nets: Nets, check: Check) -> Scores:
    """``data``: "sample" or a folder; ``start`` and ``count`` of its test pictures -> ``probabilities`` (count, K)."""
    trained = trained_net(request, nets)
    pictures = dataset_of(str(request["data"]))
    if trained.classes != pictures.classes:
        raise EngineError(f"Only nets that tell {pictures.label}'s classes apart can be judged on its test set.")
    start, count = int(request["start"]), int(request["count"])
    if start < 0 or not 1 <= count <= MOST_SCORED:
        raise EngineError(f"Ask for 1 to {MOST_SCORED} test pictures at a time.")
    images = test_set(str(request["data"]))[0]
    if start >= len(images):
        raise EngineError(f"There are {len(images):,} test pictures: start before the last.")
    images = images[start : start + count].transpose(0, 2, 3, 1)
    return {"probabilities": score(trained, images, check)}


@lru_cache(maxsize=2)
def test_set(where: str) -> tuple[np.ndarray, np.ndarray]:
    """Its pictures and labels, read once. Raises DataError."""
    return files.load_test(where)


def place_in(trained: Trained, request: Request, channel_from: int) -> tuple[int, int, int, int]:
    """Layer, channel, row and column of a request. Raises EngineError where the net has no such place."""
    layer, channel, y, x = (int(request[name]) for name in ("layer", "channel", "y", "x"))
    rows = [row for row in arith.describe(trained.net.spec).layers if row.kind == "conv"]
    if not -len(rows) <= layer < len(rows):
        raise EngineError(f"There is no convolution {layer}: choose 0 to {len(rows) - 1}.")
    channels, height, width = rows[layer].shape
    if not (channel_from <= channel < channels and 0 <= y < height and 0 <= x < width):
        raise EngineError(f"{rows[layer].name} has {channels} maps of {height}×{width}: choose a place inside them.")
    return layer, channel, y, x


def trained_net(request: Request, nets: Nets) -> Trained:
    """The net that is asked for, as its file is now, kept warm. Raises EngineError or WeightsError."""
    entry = networks.find(str(request["net"]), store())
    written = 0
    with suppress(OSError):
        written = entry.path.stat().st_mtime_ns if entry.path else 0
    return nets.get((entry.path, written), lambda: of_entry(entry))


def picture_for(trained: Trained, request: Request) -> np.ndarray:
    """The picture of a request. Raises EngineError where the net does not read such pictures."""
    picture = np.asarray(request["picture"])
    if picture.shape != (trained.size, trained.size, 3):
        raise EngineError(f"This net reads pictures of {trained.size}×{trained.size} pixels, not {picture.shape}.")
    return picture


KINDS: dict[str, Work] = {
    asked.PREDICT: answer_predict,
    asked.MAPS: answer_maps,
    asked.EXPLAIN: answer_explain,
    asked.FIELD: answer_field,
    asked.PRODUCTS: answer_products,
    asked.MODES: answer_modes,
    asked.SCORE: answer_score,
}
