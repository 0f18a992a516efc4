"""How long a page waits for the inference worker, warm, with real processes: ``python -m tests.bench.answers``.

Part of ``make bench``. Each round asks about another picture or seed, so nothing is answered from memory.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from core.answers import ask
from core.arith import describe
from core.data.files import load
from core.figures.diagram import diagram, for_browser
from core.spec import preset

DRAWN = ("resnet20", "resnet110", "densenet-bc-250-24", "resnet1202")
SHIPPED = ("resnet20", "densenet-bc-40-12")


def answer_times(rounds: int) -> dict[str, list[float]]:
    """Seconds from question to answer, after one round to warm up."""
    pictures = load("sample").test_images.transpose(0, 2, 3, 1)
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DEPTHLAB_HOME"] = folder
        _start()
        for net in SHIPPED:

            def look(number: int, net: str = net) -> None:
                request = {"net": net, "picture": pictures[number]}
                ask.ask("predict", request, "bench")
                ask.ask("maps", request | {"layer": -1}, "bench")

            found[f"prediction and feature maps, {net}"] = _timed(look, rounds)
        for net in ("plain56", "resnet56"):
            fields = preset(net).model_dump()
            found[f"X-ray of {net}, 32 pictures"] = _timed(partial(_xray, fields), rounds)
    return found


def drawing_times(rounds: int) -> dict[str, list[float]]:
    """Seconds that the Architecture page's counts and drawing of a net take, in this process, nothing kept."""
    return {name: _timed(partial(_drawn, name), rounds) for name in DRAWN}


def _xray(net: dict[str, Any], number: int) -> None:
    ask.ask("xray", {"net": net, "images": 32, "seed": number}, "bench")


def _drawn(name: str, _: int) -> str:
    describe.cache_clear()
    diagram.cache_clear()
    return json.dumps(for_browser(diagram(preset(name))))


def _start() -> None:
    ask.ensure_inference()
    while not ask.ready():
        time.sleep(0.1)


def _timed(question: Callable[[int], object], rounds: int) -> list[float]:
    seconds = []
    for number in range(rounds + 1):
        start = time.perf_counter()
        question(number)
        seconds.append(time.perf_counter() - start)
    return seconds[1:]


if __name__ == "__main__":
    for name, seconds in (answer_times(20) | drawing_times(20)).items():
        print(f"{name}: {statistics.median(seconds):.3f} s ({min(seconds):.3f} to {max(seconds):.3f})")
