"""From map to number: the products that one number of a map is made of, and what becomes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.inspect.trained import Trained
from core.nets import Layer, Net
from core.nets.parts import Bias, Factor, Scale, SqueezeExcite
from core.nets.random import StochasticDepth
from core.nets.residual import ResidualBlock
from core.probes.taps import tap, tap_inputs
from core.record.answers import Operation, Products

COLOURS = ("red", "green", "blue")
KINDS: dict[type[nn.Module], str] = {
    nn.BatchNorm2d: "norm",
    nn.GroupNorm: "norm",
    nn.ReLU: "relu",
    Bias: "bias",
    Scale: "scale",
    SqueezeExcite: "gate",
    Factor: "factor",
    StochasticDepth: "factor",
}


def products(trained: Trained, picture: np.ndarray, layer: int, channel: int, y: int, x: int) -> Products:
    """The number at row ``y``, column ``x`` of map ``channel`` of convolution number ``layer``, in eval mode.

    With C input channels of its group and k x k weights: ``inputs``, ``weights`` and their ``products`` (C, k, k);
    ``from_channels`` (C,) sums over the k x k; ``input_names`` (C,); ``bias``, 0 where there is none; ``conv``, what
    the net itself computed; ``steps``: what becomes of it before the next convolution reads it, each with ``kind``
    ("norm", "relu", "bias", "scale", "gate", "factor", "add"), ``name`` and ``value``. A norm has ``mean``,
    ``variance``, ``eps``, ``weight`` and ``shift``; a scale ``weight`` and ``shift``; "bias" its ``shift``; "gate" and
    "factor" the ``factor``; "add" the ``shortcut``'s number.
    """
    net = trained.net
    convolutions = [found for found in net.layers if isinstance(found.module, nn.Conv2d)]
    here = convolutions[layer % len(convolutions)]
    conv: Any = here.module
    path = following(net, here)
    with torch.no_grad(), tap([conv, *path.values()]) as outputs, tap_inputs([conv, *path.values()]) as inputs:
        net(trained.normalise(picture[None]))
    weights = conv.weight[channel].detach()  # (C, k, k)
    first = channel // (conv.out_channels // conv.groups) * len(weights)
    group = slice(first, first + len(weights))
    patch = patch_of(conv, inputs[conv], y, x)[group]
    made = patch * weights
    at = (0, channel, y, x)
    steps = []
    value = outputs[conv][at].item()
    for name, module in path.items():
        step = described(name, module, inputs[module], outputs[module], at, value)
        value = step["value"]
        steps.append(step)
    return {
        "layer": here.name,
        "inputs": patch.numpy(),
        "weights": weights.numpy(),
        "products": made.numpy(),
        "from_channels": made.sum((1, 2)).numpy(),
        "input_names": input_names(net, here)[group],
        "bias": 0.0 if conv.bias is None else conv.bias[channel].item(),
        "conv": outputs[conv][at].item(),
        "steps": steps,
    }


def following(net: Net, layer: Layer) -> dict[str, nn.Module]:
    """What a number of the layer's convolution passes, position by position, before the next convolution or pooling;
    "shortcut" stands for the addition."""
    name = next(name for name, module in net.named_modules() if module is layer.module)
    inside, _, own = name.rpartition(".")
    if own == "stem":
        return {
            name: module
            for name, module in net.named_children()
            if module in (layer.signal, layer.relu) and type(module) in KINDS
        }
    children = dict(net.get_submodule(inside).named_children())
    rest = list(children)[list(children).index(own) + 1 :]
    end = next((n for n, name in enumerate(rest) if not _keeps_place(children[name])), len(rest))
    path = {name: children[name] for name in rest[:end]}
    block = net.get_submodule(inside.rpartition(".")[0]) if inside.endswith(".branch") else None
    if isinstance(block, ResidualBlock) and end == len(rest):
        path |= {} if block.shortcut is None else {"shortcut": block.shortcut}
        path |= dict(block.after.named_children())
    return {name: module for name, module in path.items() if name == "shortcut" or type(module) in KINDS}


def described(
    name: str, module: Any, given: Tensor, made: Tensor, at: tuple[int, int, int, int], value: float
) -> Operation:
    """One step: what came in is ``value``; ``given`` and ``made`` are all that the module read and made."""
    channel = at[1]
    if name == "shortcut":
        return {"name": name, "kind": "add", "shortcut": made[at].item(), "value": value + made[at].item()}
    step: Operation = {"name": name, "kind": KINDS[type(module)], "value": made[at].item()}
    if isinstance(module, nn.BatchNorm2d):
        assert module.running_mean is not None
        assert module.running_var is not None
        step |= {"mean": module.running_mean[channel].item(), "variance": module.running_var[channel].item()}
    if isinstance(module, nn.GroupNorm):
        group = given[0].unflatten(0, (module.num_groups, -1))[channel * module.num_groups // module.num_channels]
        step |= {"mean": group.mean().item(), "variance": group.var(correction=0).item()}
    if step["kind"] == "norm":
        step |= {"eps": module.eps, "weight": module.weight[channel].item(), "shift": module.bias[channel].item()}
    elif step["kind"] == "scale":
        step |= {"weight": module.weight.item(), "shift": module.bias.item()}
    elif step["kind"] == "bias":
        step |= {"shift": module.bias.item()}
    elif step["kind"] in ("gate", "factor"):
        step |= {"factor": step["value"] / value if value else 0.0}
    return step


def patch_of(conv: Any, given: Tensor, y: int, x: int) -> Tensor:
    """What the convolution reads of (1, C, H, W) for row y, column x of its map: (C, k, k), zero beyond the border."""
    (top, left), (down, across), (height, width) = conv.padding, conv.stride, conv.kernel_size
    padded = functional.pad(given[0], (left, left, top, top))
    return padded[:, y * down : y * down + height, x * across : x * across + width]


def input_names(net: Net, layer: Layer) -> list[str]:
    """Of each input channel: its colour, the layer of the dense block that made it, or its number."""
    if layer is net.layers[0]:
        return list(COLOURS)
    for row in net.ledger:
        if row.module is layer.module:
            return [f"{source}, map {n}" for source, count in row.sources for n in range(count)]
    conv: Any = layer.module
    return [f"map {n}" for n in range(conv.in_channels)]


def _keeps_place(module: nn.Module) -> bool:
    """Whether it works on each number of a map in its place."""
    return not isinstance(module, nn.Conv2d | nn.AvgPool2d | nn.MaxPool2d)
