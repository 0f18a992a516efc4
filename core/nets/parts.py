"""The parts that nets are made of. Convolutions have a bias exactly in nets without norms."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.spec import NetSpec


def chain(**modules: nn.Module) -> nn.Sequential:
    """The modules one after the other, by name."""
    return nn.Sequential(OrderedDict(modules))


def conv(spec: NetSpec, in_channels: int, out_channels: int, size: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    """A convolution that keeps the picture's size at stride 1. Under Fixup a scalar bias follows instead of its own."""
    bias = spec.norm == "none" and spec.init != "fixup"
    kind = NarrowPick if size == 1 and stride > 1 and in_channels < NarrowPick.SAFE else nn.Conv2d
    return kind(in_channels, out_channels, size, stride, padding=size // 2, groups=groups, bias=bias)


class NarrowPick(nn.Conv2d):
    """A 1x1 convolution with a stride and few input channels: every stride-th pixel is picked first, then multiplied.

    oneDNN's own kernel for the gradient of its weights writes beyond its memory on channels_last maps of fewer channels
    than it computes at once (8 with AVX2, 16 with AVX-512), which ends the process or, worse, does not (oneDNN 6035).
    """

    SAFE = 16  # input channels from which torch's own convolution is used

    def forward(self, x: Tensor) -> Tensor:
        down, across = self.stride
        return functional.conv2d(x[:, :, ::down, ::across], self.weight, self.bias, groups=self.groups)


def stem_conv(spec: NetSpec, out_channels: int) -> nn.Conv2d:
    """3x3, or 7x7 with stride 2."""
    return conv(spec, 3, out_channels, 3) if spec.stem == "3x3" else conv(spec, 3, out_channels, 7, stride=2)


def stem_pool(spec: NetSpec) -> nn.Module:
    """Behind a stem of 7x7: 3x3 maxima with stride 2."""
    return nn.Identity() if spec.stem == "3x3" else nn.MaxPool2d(3, stride=2, padding=1)


def norm(spec: NetSpec, channels: int) -> nn.Module:
    """The norm of the spec. Without one its place stays, so that parameter names do not depend on it."""
    if spec.norm == "batch":
        return nn.BatchNorm2d(channels)
    if spec.norm == "group":
        return nn.GroupNorm(groups(channels), channels)
    if spec.norm == "layer":
        return nn.GroupNorm(1, channels)  # over channels and positions of one picture
    if spec.norm == "instance":
        # over the positions of one picture; InstanceNorm2d would be the same and needs rules of its own elsewhere
        return nn.GroupNorm(channels, channels)
    return fixup_bias(spec)


def fixup_bias(spec: NetSpec) -> nn.Module:
    return Bias() if spec.init == "fixup" else nn.Identity()


def groups(channels: int) -> int:
    """Groups of group norm: the largest divisor of the channels that is at most 8."""
    return max(g for g in range(1, 9) if channels % g == 0)


class Bias(nn.Module):
    """Fixup's scalar bias; without dimensions, so that adding it leaves bf16 maps bf16."""

    def __init__(self) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(()))

    def reset_parameters(self) -> None:
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.bias


class Scale(nn.Module):
    """Fixup's scalar multiplier at the end of a branch, with the bias that follows it."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.bias = nn.Parameter(torch.zeros(()))

    def reset_parameters(self) -> None:
        nn.init.ones_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight + self.bias


class Factor(nn.Module):
    """A constant factor, not trained."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor

    def extra_repr(self) -> str:
        return f"{self.factor:g}"


class SqueezeExcite(nn.Module):
    """Hu 2018, section 3: each channel times a gate in (0, 1) that a small net finds from the channels' averages."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W) -> (B, C, H, W)
        gates = torch.sigmoid(self.fc2(functional.relu(self.fc1(x.mean((2, 3))))))  # (B, C)
        return x * gates[:, :, None, None]


class PadShortcut(nn.Module):
    """Option A of He 2015, without parameters: every stride-th pixel, and zero channels appended at the end.

    Other codings (zeros on both sides, average pooling) have equal parameters and are different functions.
    """

    def __init__(self, stride: int, extra_channels: int) -> None:
        super().__init__()
        self.stride = stride
        self.extra_channels = extra_channels

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W) -> (B, C + extra, H / stride, W / stride)
        return functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.extra_channels))

    def extra_repr(self) -> str:
        return f"stride={self.stride}, extra_channels={self.extra_channels}"
