"""What the inference worker answers about trained nets: each function takes one request of the Inspect page.

Each reads ``net``, what :func:`core.engine.networks.find` takes, and most ``picture``, (S, S, 3) from 0 to 255, of the
size that the net was trained on; the rest is what the function of :mod:`core.inspect` it calls takes and gives.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.engine import client, networks
from core.engine.store import EngineError
from core.engine.warm import Check, Nets
from core.inspect.maps import maps
from core.inspect.predict import predict
from core.inspect.trained import Trained, restore


def answer_predict(request: dict[str, Any], nets: Nets, check: Check) -> dict[str, Any]:
    trained = trained_net(request, nets)
    check()
    return predict(trained, picture_for(trained, request))


def answer_maps(request: dict[str, Any], nets: Nets, check: Check) -> dict[str, Any]:
    """``layer`` number, -1 is the last; ``part`` name, "" is the first there is."""
    trained = trained_net(request, nets)
    picture = picture_for(trained, request)
    return maps(trained, picture, int(request["layer"]), str(request.get("part", "")), check)


def trained_net(request: dict[str, Any], nets: Nets) -> Trained:
    """The net that is asked for, kept warm. Raises EngineError or CheckpointError."""
    entry = networks.find(str(request["net"]), client.store())
    path = entry.path
    if path is None:
        raise EngineError(f"The weights of {entry.title} are not on this machine: fetch them first.")
    try:
        written = path.stat().st_mtime_ns
    except OSError:
        raise EngineError(f"There is no checkpoint at {path} any more: choose a newer one.") from None
    return nets.get((path, written), lambda: restore(path))


def picture_for(trained: Trained, request: dict[str, Any]) -> np.ndarray:
    """The picture of a request. Raises EngineError where the net does not read such pictures."""
    picture = np.asarray(request["picture"])
    if picture.shape != (trained.size, trained.size, 3):
        raise EngineError(f"This net reads pictures of {trained.size}×{trained.size} pixels, not {picture.shape}.")
    return picture


KINDS = {"predict": answer_predict, "maps": answer_maps}
