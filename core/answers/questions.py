"""What the inference worker can be asked: a table of request kinds, by name."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from functools import lru_cache
from typing import Any

import numpy as np

from core import arith
from core.answers import inspecting
from core.answers.warm import Nets
from core.check import Check
from core.data import files
from core.data.batches import Batches
from core.machine import free_memory
from core.nets import build
from core.nets.stacks import Stack, build_stack
from core.probes.xray import xray
from core.processes.processor import buffers_apart
from core.record.answers import XRAY, NamedXRay, Request
from core.record.events import decode, encode
from core.spec import NetSpec, SpecError
from core.stack_spec import StackSpec
from core.vocabulary.datasets import SAMPLE

MOST_IMAGES = 256


def answer_xray(request: Request, nets: Nets, check: Check) -> NamedXRay:
    """``net`` or ``stack`` (fields of the spec), ``images`` (count), ``seed`` -> what core.probes.xray finds.

    The pictures are the first of the bundled sample, the same for everybody. Raises SpecError.
    """
    spec = StackSpec.make(**request["stack"]) if "stack" in request else NetSpec.make(**request["net"])
    count, seed = int(request.get("images", 32)), int(request.get("seed", 0))
    if not 2 <= count <= MOST_IMAGES:
        raise SpecError(f"An X-ray of {count} pictures is not possible: choose 2 to {MOST_IMAGES}.")
    _check_memory(spec, count)
    net: Any = nets.get(
        (spec, seed), lambda: build(spec, seed) if isinstance(spec, NetSpec) else build_stack(spec, seed)
    )
    check()
    images, labels = sample_batch(count)
    with ExitStack() as repetition:

        def room() -> None:
            _check_memory(spec, count, 8)
            repetition.enter_context(buffers_apart())

        found = xray(net, images, labels, check, seed, room)
    parameters = int(sum(parameter.numel() for parameter in net.parameters()))
    return {**found, "name": spec.name, "params": parameters, "kind": "stack" if isinstance(net, Stack) else "net"}


@lru_cache(maxsize=4)
def sample_batch(count: int) -> Any:
    """The first pictures of the sample, normalised, (B, 3, 32, 32), and their labels (B,)."""
    return Batches(files.load(SAMPLE), count, seed=0, device="cpu").probe_batch(count)


def plain(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The same with arrays as lists, and None for what JSON cannot say, after the trip that all answers take."""
    return {key: _plain(value) for key, value in decode(encode(answer)).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [None if not np.isfinite(item) else item for item in value.tolist()]
    return value


def _check_memory(spec: NetSpec | StackSpec, count: int, bytes_per_number: int = 4) -> None:
    if not isinstance(spec, NetSpec):
        return
    needed, memory = arith.xray_bytes(spec, count, bytes_per_number), free_memory()
    if needed > memory.free:
        wider = " leaves the range of float32 and in float64" if bytes_per_number == 8 else ""
        raise SpecError(
            f"An X-ray of {spec.name} with {count} pictures{wider} needs {needed / 1e9:,.1f} GB of memory and "
            f"{memory.of} has {memory.free / 1e9:,.1f} GB free: choose fewer pictures, layers or channels."
        )


KINDS: dict[str, inspecting.Work] = {XRAY: answer_xray, **inspecting.KINDS}
