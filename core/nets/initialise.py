"""Initialisation. Each parameter is drawn from its own generator, seeded by the seed and the parameter's name.

So two nets get the same weights wherever names and shapes agree: switching norm or skips off, or making the net
deeper, changes nothing else. The classifier starts as PyTorch's default in all of them, except under Fixup.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from core.nets.net import Net
from core.nets.parts import Bias, Scale
from core.nets.residual import ResidualBlock

Ruled = Mapping[type[nn.Module], set[str]]
AFFINE = {"weight", "bias"}
RULED: Ruled = {  # the parameters and buffers that initialise sets, of each kind of module
    nn.Conv2d: AFFINE,
    nn.Linear: AFFINE,
    nn.BatchNorm2d: AFFINE | {"running_mean", "running_var", "num_batches_tracked"},
    nn.GroupNorm: AFFINE,
    Bias: {"bias"},
    Scale: AFFINE,
}


@torch.no_grad()
def initialise(net: Net, seed: int) -> None:
    """Set every parameter and buffer of the net, which may be uninitialised memory.

    Raises TypeError, before it sets any, where there is one that it does not know.
    """
    check_known(net, RULED)
    for name, module in net.named_modules():
        if isinstance(module, nn.Conv2d) and net.spec.init != "default":
            he_fan_out(module, generator(seed, f"{name}.weight"))
        elif isinstance(module, nn.Conv2d | nn.Linear):
            default(module, seed, name)
        elif isinstance(module, nn.BatchNorm2d | nn.GroupNorm | Bias | Scale):
            module.reset_parameters()  # multiply by 1, add 0; running mean 0 and variance 1
    if net.spec.init == "zero-gamma":
        scale_gamma(net, 0.0)
    elif net.spec.init == "gamma-0.1":
        scale_gamma(net, 0.1)
    elif net.spec.init == "fixup":
        fixup(net)


def check_known(net: nn.Module, ruled: Ruled) -> None:
    """Raises TypeError where a module holds a parameter or buffer that no rule sets: it would stay as memory was."""
    for name, module in net.named_modules():
        known = set().union(*(names for kind, names in ruled.items() if isinstance(module, kind)))
        held = {own for own, _ in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]}
        if held - known:
            raise TypeError(
                f"{type(module).__name__} holds {', '.join(sorted(held - known))}, which initialisation has no rule "
                f'for: give it one before "{name}" is used.'
            )


def generator(seed: int, name: str) -> torch.Generator:
    digest = hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "little"))


def he_fan_out(module: nn.Conv2d, source: torch.Generator) -> None:
    """He 2015 ("Delving deep"), equation 14: normal with variance 2 / (kernel area x output channels that read the
    same input, those of a group); bias 0."""
    fan_out = module.out_channels // module.groups * math.prod(module.kernel_size)
    module.weight.normal_(0, math.sqrt(2 / fan_out), generator=source)
    if module.bias is not None:
        module.bias.zero_()


def default(module: nn.Conv2d | nn.Linear, seed: int, name: str) -> None:
    """PyTorch's: weight and bias uniform within 1 / sqrt(fan in)."""
    bound = 1 / math.sqrt(module.weight[0].numel())
    _uniform(module.weight, bound, generator(seed, f"{name}.weight"))
    if module.bias is not None:
        _uniform(module.bias, bound, generator(seed, f"{name}.bias"))


def scale_gamma(net: Net, gamma: float) -> None:
    """The last norm of each branch starts at gamma, and scales the branch by it. At 0 each block starts as its
    shortcut (Goyal 2017, section 5.1)."""
    for branch in _branches(net):
        norms = [module for module in branch if isinstance(module, nn.BatchNorm2d | nn.GroupNorm)]
        norms[-1].weight.fill_(gamma)


def fixup(net: Net) -> None:
    """Zhang 2019, section 3: the last convolution of each branch and the classifier start at 0, the other
    convolutions of a branch are scaled by L^(-1 / (2m - 2)), for L branches of m layers."""
    branches = _branches(net)
    for branch in branches:
        *others, last = [module for module in branch if isinstance(module, nn.Conv2d)]
        for module in others:
            module.weight.mul_(len(branches) ** (-1 / (2 * len(others))))
        last.weight.zero_()
    for parameter in net.layers[-1].module.parameters():
        parameter.zero_()


def _branches(net: Net) -> list[nn.Sequential]:
    return [module.branch for module in net.modules() if isinstance(module, ResidualBlock)]


def _uniform(parameter: Tensor, bound: float, source: torch.Generator) -> None:
    parameter.uniform_(-bound, bound, generator=source)
