"""Memory of one training step: what each part of a net keeps for the backward pass, computed and once measured."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core import arith
from core.figures.diagram import Diagram, diagram
from core.figures.schema import MemoryFigure, NetMemory
from core.spec import PRESETS, NetSpec, preset

BATCH = 128  # pictures; the usual minibatch of the CIFAR recipes
# Bytes of one picture that autograd kept in float32 beside the parameters: saved-tensor hooks around one forward pass
# and the loss at batch 8, divided by 8; once, torch 2.15 on a CPU. A test measures two of them again.
MEASURED: Mapping[str, int] = MappingProxyType(
    {
        "smallresnet": 1_110_880,
        "smallresnet-nobn": 536_880,
        "plain20": 1_520_608,
        "resnet20": 1_520_608,
        "plain56": 4_274_464,
        "resnet56": 4_274_464,
        "resnet110": 8_405_248,
        "densenet-40-12": 19_040_904,
        "densenet-bc-40-12": 8_358_960,
        "densenet-bc-100-12": 34_834_530,
    }
)


def memory(drawn: Diagram, other: NetSpec | None = None) -> MemoryFigure:
    """Kept activations along two nets at batch 128 in float32, and the totals. Bytes.

    Without ``other`` a DenseNet stands beside the ResNet of about its size, and any other net beside a DenseNet.
    """
    pair = [drawn, diagram(other or counterpart(drawn.spec))]
    nets = [_net(each) for each in pair]
    return {
        "title": _title(*pair),
        "alt": f"Bytes that each unit keeps for the backward pass, first unit left: {_title(*pair)}.",
        "batch": BATCH,
        "nets": nets,
        "why": WHY,
    }


WHY = (
    "Addition writes its sum into a map of the same width, so every block of a ResNet's stage keeps equally much. "
    "Concatenation makes the map wider with each layer, and each layer's norm and ReLU keep a copy of all of it: "
    "what a dense block keeps grows with the square of its layers. (Implementations that share or recompute these "
    "copies trade time for memory; this one does not.)"
)


def counterpart(spec: NetSpec) -> NetSpec:
    """What shows best what concatenation costs: DenseNet-BC-100-12, or ResNet-56, which has about its parameters."""
    return preset("resnet56") if spec.family == "densenet" and spec.skip else preset("densenet-bc-100-12")


def measured(spec: NetSpec) -> int | None:
    """Bytes of one picture that autograd kept when it was measured; None where it was not."""
    return next((MEASURED[name] for name in MEASURED if PRESETS[name] == spec), None)


def _net(drawn: Diagram) -> NetMemory:
    found = drawn.description
    kept = found.rows
    bars = [
        (unit.name, 4 * BATCH * sum(row.kept for row in kept[unit.first_row : unit.first_row + unit.row_count]))
        for unit in drawn.units
    ]
    once = measured(drawn.spec)
    return {
        "name": drawn.spec.name,
        "kind": drawn.spec.kind,
        "params": found.params,
        "bars": bars,
        "activations": 4 * BATCH * found.kept,
        "weights": 3 * 4 * found.params,
        "total": arith.training_bytes(drawn.spec, BATCH),
        "measured": None if once is None else BATCH * once,
    }


def _title(first: Diagram, second: Diagram) -> str:
    kept = first.description.kept / second.description.kept
    params = first.description.params / second.description.params
    return (
        f"{first.spec.name} keeps {times(kept)} the activations of {second.spec.name}, "
        f"with {times(params)} the parameters"
    )


def times(ratio: float) -> str:
    """A ratio for a sentence: 2.9×, 0.45×."""
    return f"{ratio:.1f}×" if ratio >= 1 else f"{ratio:.2g}×"
