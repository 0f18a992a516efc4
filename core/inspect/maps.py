"""Feature maps: what every layer makes of one picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from core.check import Check
from core.inspect.trained import Trained
from core.nets import Block, Layer, LedgerRow, Net
from core.probes.taps import Outputs, tap
from core.record.answers import Maps

Part = Callable[[Outputs], Tensor]


@dataclass(frozen=True, eq=False)
class Place:
    """A convolution of the net and all that can be looked at there."""

    layer: Layer
    parts: dict[str, Part]  # by name, the one to show first at the front; (1, C, H, W) each
    modules: tuple[nn.Module, ...]  # whose outputs the parts are made of
    sources: tuple[str, ...] = ()  # of each channel of the part "reads": the layer of the dense block that made it


def maps(trained: Trained, picture: Any, at: int, part: str, check: Check) -> Maps:
    """Picture (S, S, 3), 0 to 255 -> the maps of convolution number ``at`` (from 0; -1 is the last), in eval mode.

    ``layers`` names of all convolutions (L,); ``layer`` this one's number; ``parts`` what can be seen here and ``part``
    which it is ("" asks for the first): "activation" behind the layer's ReLU, "response" before it, and at the end of a
    residual block "branch", "shortcut" and "sum", what is added and what comes of it; in a dense block "adds", the
    layer's own maps, and "reads", all that it reads, with ``sources`` (C,) naming the layer that made each; ``maps``
    (C, H, W); ``low`` and ``high`` (L,): extremes of each layer's first part, so a scale can hold for the net.
    """
    places = places_of(trained.net)
    at = at % len(places)
    here = places[at]
    part = part if part in here.parts else next(iter(here.parts))
    modules = [module for place in places for module in place.modules]
    with torch.inference_mode(), tap(modules, check) as outputs:
        trained.net(trained.normalise(picture[None]))
        firsts = [next(iter(place.parts.values()))(outputs) for place in places]
        shown = here.parts[part](outputs)[0]
    return {
        "layers": [place.layer.name for place in places],
        "layer": at,
        "parts": list(here.parts),
        "part": part,
        "maps": shown.numpy(),
        "sources": list(here.sources) if part == "reads" else [],
        "low": torch.stack([values.min() for values in firsts]).numpy(),
        "high": torch.stack([values.max() for values in firsts]).numpy(),
    }


def places_of(net: Net) -> list[Place]:
    """One for each convolution, in forward order."""
    block_of = {id(module): block for block in net.blocks for module in block.branch.modules()}
    ends = {id(block_of[id(layer.module)]): layer for layer in net.layers if id(layer.module) in block_of}
    reads_relu = "relu" in net.spec.order.before
    ledger = {row.name: row for row in net.ledger}
    places = []
    for layer in net.layers:
        if not isinstance(layer.module, nn.Conv2d):
            continue
        block = block_of.get(id(layer.module))
        place = _place(layer, has_activation=layer.relu is not None and not reads_relu)
        if block is not None and ends[id(block)] is layer:
            place = _at_end(place, block)
        if layer.name in ledger:
            place = _in_dense_block(place, net, ledger[layer.name])
        places.append(place)
    return places


def _place(layer: Layer, has_activation: bool) -> Place:
    """A ReLU that the layer reads shows what comes in, not what the layer makes, so it is none of its parts."""
    response: Part = lambda outputs: outputs[layer.signal]  # noqa: E731
    if not has_activation:
        return Place(layer, {"response": response}, (layer.signal,))
    assert layer.relu is not None
    relu = layer.relu
    return Place(layer, {"activation": lambda outputs: outputs[relu], "response": response}, (layer.signal, relu))


def _at_end(place: Place, block: Block) -> Place:
    parts: dict[str, Part] = {
        "branch": lambda outputs: outputs[block.branch],
        "shortcut": lambda outputs: outputs[block.shortcut],
        "sum": lambda outputs: outputs[block.shortcut] + outputs[block.branch],
    }
    return replace(place, parts=place.parts | parts, modules=(*place.modules, block.branch, block.shortcut))


def _in_dense_block(place: Place, net: Net, row: LedgerRow) -> Place:
    """A layer that reads a concatenation: what the whole block ends up with begins with it."""
    block = net.get_submodule(re.sub(r"^transition", "block", row.name).partition(".")[0])
    sources = tuple(source for source, channels in row.sources for _ in range(channels))
    parts: dict[str, Part] = {"reads": lambda outputs: outputs[block][:, : len(sources)]}
    if row.name.endswith(".conv"):  # no bottleneck: the layer's response is what it adds
        parts = {"adds": place.parts["response"]} | parts
    elif row.name.endswith(".conv1"):
        parts = parts | place.parts
    else:
        parts = place.parts | parts
    return replace(place, parts=parts, modules=(*place.modules, block), sources=sources)
