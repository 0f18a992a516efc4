"""A net that begins with the weights of another one: what fits is kept, and what can be worked out of it is.

Batch norm that is switched off goes into the convolution before it; one that is switched on begins so that it undoes
itself; a projection begins as the shortcut that it replaces. Everything else that is new begins as in a new net.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor, nn

from core.nets import build, skeleton
from core.nets.net import Net
from core.nets.residual import ResidualBlock
from core.spec import NetSpec

T = TypeVar("T")
Weights = Mapping[str, Tensor]  # by the names of a state dict
EPSILON = nn.BatchNorm2d(1).eps
FEW = 2  # pictures that tell what a bias adds, which is the same in all


@dataclass(frozen=True)
class Operated:
    """The net, on the CPU in float32, and where its parameters come from; those in neither are new."""

    net: Net
    kept: dict[str, str]  # the other net's name of a parameter by this one's
    folded: set[str] = field(default_factory=set)  # made of a convolution and of the norm behind it


class Follower(NamedTuple):
    """The norm that comes next behind a convolution, by the names of their modules."""

    conv: str
    norm: str
    direct: bool  # nothing between them reads the convolution's output or adds to it


def operated(weights: Weights, was: NetSpec, now: NetSpec, seed: int, batches: Sequence[Tensor]) -> Operated:
    """The net ``now`` with the weights of the net ``was``; what is new is drawn by the seed, as in a new net.

    Norms see minibatches (B, 3, H, W) of training where they need statistics. Torch's random state is left alone.
    """
    if was.norm == "none" and now.norm == "batch":
        return _with_norms(operated(weights, was, now.but(norm="none"), seed, batches), now, seed, batches)
    net = build(now, seed)
    with torch.no_grad():
        kept = _carry(weights, was, net)
        folded = _fold(weights, was, net, kept) if was.norm == "batch" and now.norm == "none" else set()
        undone = _projections_as_shortcuts(net, weights)
        unseen = [name for name in _norms(net) if f"{name}.running_mean" not in kept and name not in undone]
        _estimate(net, unseen, undone, batches)
        _undo(net, net, undone, batches)
    parameters = dict(net.named_parameters())
    return Operated(net, {name: source for name, source in kept.items() if name in parameters}, folded)


def followers(spec: NetSpec) -> list[Follower]:
    """Of each convolution of the main path, in forward order; projections have theirs beside them.

    In every order of activations each convolution has one, so a norm keeps its place between two convolutions. With
    skips the one behind a block reads a sum or a concatenation, and with squeeze-and-excitation what the gates leave.
    """
    net = skeleton(spec.but(norm="batch", init="he"))
    names = {module: name for name, module in net.named_modules()}
    convs = [names[layer.module] for layer in net.layers if isinstance(layer.module, nn.Conv2d)]
    norms = [name for name in _norms(net) if ".shortcut." not in name]
    if spec.order.before[:1] == ("norm",) and norms[0] == "norm":  # of the whole net, listed first and passed last
        norms.append(norms.pop(0))
    apart = spec.skip or spec.se_reduction > 0
    return [
        Follower(conv, norm, not apart or conv.rpartition(".")[0] == norm.rpartition(".")[0])
        for conv, norm in zip(convs, norms, strict=True)
    ]


def _norms(net: Net) -> dict[str, nn.BatchNorm2d]:
    return {name: module for name, module in net.named_modules() if isinstance(module, nn.BatchNorm2d)}


def _carry(weights: Weights, was: NetSpec, net: Net) -> dict[str, str]:
    """Copy what fits; the sources by name. A norm is where the same two convolutions are, whatever the order."""
    moved: dict[str, str] = {}
    if was.activation_order != net.spec.activation_order:
        pairs = zip(followers(net.spec), followers(was), strict=True)
        moved = {here.norm: there.norm for here, there in pairs}
    kept = {}
    for name, tensor in net.state_dict().items():
        module, _, own = name.rpartition(".")
        source = f"{moved.get(module, module)}.{own}"
        if source in weights and weights[source].shape == tensor.shape:
            tensor.copy_(weights[source])
            kept[name] = source
        elif own == "bias" and isinstance(net.get_submodule(module), nn.Conv2d):
            tensor.zero_()
    return kept


def _fold(weights: Weights, was: NetSpec, net: Net, kept: dict[str, str]) -> set[str]:
    """Let convolutions do what the norms behind them did when evaluated; the parameters that were made so."""
    state, folded = net.state_dict(), set()
    pairs = [(each.conv, each.norm) for each in followers(was) if each.direct]
    pairs += [(name, name.replace("conv", "norm")) for name, _ in net.named_modules() if name.endswith("shortcut.conv")]
    for conv, norm in pairs:
        if f"{norm}.running_var" not in weights or f"{conv}.weight" not in kept:
            continue
        gamma, beta, mean, variance = (
            weights[f"{norm}.{own}"].double() for own in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gamma / (variance + EPSILON).sqrt()
        had = weights.get(f"{conv}.bias", torch.zeros_like(beta)).double()
        state[f"{conv}.weight"].copy_(weights[f"{conv}.weight"].double() * scale[:, None, None, None])
        state[f"{conv}.bias"].copy_(beta + (had - mean) * scale)
        for own in ("weight", "bias"):
            kept.pop(f"{conv}.{own}", None)
            folded.add(f"{conv}.{own}")
    return folded


def _projections_as_shortcuts(net: Net, weights: Weights) -> list[str]:
    """Let new projections do what a shortcut without weights does, where they read what it would; their norms.

    Every second pixel with zeros for the channels that are more is a convolution of 1x1 with stride 2. In orders that
    begin a block with norm or ReLU a projection reads what is behind these, and nothing can be the same.
    """
    norms = []
    for name, block in net.named_modules():
        if not isinstance(block, ResidualBlock) or block.shortcut is None or not block.shares_before:
            continue
        if f"{name}.shortcut.conv.weight" in weights or len(block.before):
            continue
        weight = block.shortcut.get_parameter("conv.weight")  # (C', C, 1, 1)
        weight.zero_()
        weight[:, :, 0, 0].fill_diagonal_(1)
        if isinstance(getattr(block.shortcut, "norm", None), nn.BatchNorm2d):
            norms.append(f"{name}.shortcut.norm")
    return norms


def _with_norms(before: Operated, now: NetSpec, seed: int, batches: Sequence[Tensor]) -> Operated:
    """The same net with batch norms, each of which undoes itself."""
    net = build(now, seed)
    with torch.no_grad():
        here = net.state_dict()
        for name, tensor in before.net.state_dict().items():
            if name in here:
                here[name].copy_(tensor)
        _undo(net, before.net, list(_norms(net)), batches)
    return Operated(net, {name: source for name, source in before.kept.items() if name in here})


def _undo(net: Net, like: Net, names: list[str], batches: Sequence[Tensor]) -> None:
    """Give the norms of those names statistics, and weights that undo them, so that the net answers as ``like`` does.

    ``like`` has nothing in their place, but for biases of convolutions that this one may lack: a norm gives them back.
    It may be the same net.
    """
    if not names:
        return
    parts = [_read(like, names, images, _statistics) for images in batches]
    statistics = {name: _together([part[name] for part in parts]) for name in names}
    few = batches[0][:FEW].double()
    wanted = _read(like.double(), names, few, lambda maps: maps)
    like.float()

    def settle(name: str) -> Callable[[nn.BatchNorm2d, tuple[Tensor]], None]:
        def hook(norm: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
            mean, variance = statistics[name]
            lost = (wanted[name] - inputs[0]).mean((0, 2, 3))  # the biases that are gone, the same in each position
            norm.running_mean = mean - lost
            norm.running_var = variance
            norm.weight.copy_((variance + EPSILON).sqrt())
            norm.bias.copy_(mean)

        return hook

    net.double().eval()
    norms = _norms(net)
    hooks = [norms[name].register_forward_pre_hook(settle(name)) for name in names]
    net(few)
    for hook in hooks:
        hook.remove()
    net.float().train()


class _Statistics(NamedTuple):
    """Of the values of each channel (C,), in float64, and how many they are."""

    size: int
    mean: Tensor
    square: Tensor  # mean of the squares


def _statistics(maps: Tensor) -> _Statistics:
    maps = maps.double()
    return _Statistics(maps.numel() // maps.shape[1], maps.mean((0, 2, 3)), maps.square().mean((0, 2, 3)))


def _together(parts: Sequence[_Statistics]) -> tuple[Tensor, Tensor]:
    """Mean and variance over several minibatches."""
    size = sum(part.size for part in parts)
    mean = torch.stack([part.mean * part.size for part in parts]).sum(0) / size
    square = torch.stack([part.square * part.size for part in parts]).sum(0) / size
    return mean, (square - mean.square()).clamp_min(0) * size / (size - 1)


def _read(net: Net, names: list[str], images: Tensor, of: Callable[[Tensor], T]) -> dict[str, T]:
    """By name, something ``of`` what these modules read when the net is evaluated and they hand it on as it is."""
    found: dict[str, T] = {}

    def listen(name: str) -> Callable[[Tensor], None]:
        def heard(maps: Tensor) -> None:
            found[name] = of(maps)

        return heard

    net.eval()
    with _handing_on(net, {name: listen(name) for name in names}):
        net(images)
    net.train()
    return found


def _estimate(net: Net, names: list[str], undone: list[str], batches: Sequence[Tensor]) -> None:
    """Give the batch norms of those names the statistics of minibatches, on average, as they see them in training."""
    if not names:
        return
    net.eval()
    norms = [norm for name, norm in _norms(net).items() if name in names]
    usual = norms[0].momentum
    for norm in norms:
        norm.momentum = None  # all minibatches count alike
        norm.reset_running_stats()
        norm.train()
    with _handing_on(net, dict.fromkeys(undone, lambda maps: None)):
        for images in batches:
            net(images)
    for norm in norms:
        norm.momentum = usual
        assert norm.num_batches_tracked is not None
        norm.num_batches_tracked.zero_()
    net.train()


@contextmanager
def _handing_on(net: Net, listeners: Mapping[str, Callable[[Tensor], None]]) -> Iterator[None]:
    """Let modules, by name, hand on what they read inside the block, and tell it."""

    def hook(module: nn.Module, inputs: tuple[Tensor], output: Tensor) -> Tensor:
        told[module](inputs[0])
        return inputs[0]

    told = {net.get_submodule(name): listener for name, listener in listeners.items()}
    hooks = [module.register_forward_hook(hook) for module in told]
    try:
        yield
    finally:
        for each in hooks:
            each.remove()
