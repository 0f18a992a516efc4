"""The residual block: a branch, a shortcut, and what stands before and after the two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from torch import Tensor, nn

from core.nets.net import Layer
from core.nets.parts import Factor, PadShortcut, Scale, SqueezeExcite, chain, conv, fixup_bias, norm
from core.nets.random import Dropout, StochasticDepth
from core.spec import NetSpec
from core.vocabulary.orders import ORDERS


@dataclass(frozen=True)
class Shape:
    """What a block reads and makes."""

    in_channels: int
    planes: int  # channels of the stage; a bottleneck makes four times as many
    out_channels: int
    stride: int
    survival_probability: float

    @property
    def changes(self) -> bool:
        return self.stride > 1 or self.in_channels != self.out_channels


class ResidualBlock(nn.Module):
    """y = after(shortcut(x) + branch(before(x))).

    A projection reads what ``before`` makes of x, as the branch does (He 2016, released code); other shortcuts carry x.
    """

    def __init__(self, spec: NetSpec, shape: Shape) -> None:
        super().__init__()
        order = ORDERS[spec.activation_order]
        self.before = chain(**norms_and_relus(spec, order.before, 1, shape.in_channels))
        self.branch = branch(spec, shape)
        self.shortcut = shortcut(spec, shape) if spec.skip else None
        self.after = chain(**norms_and_relus(spec, order.after, 3 if spec.bottleneck else 2, shape.out_channels))
        self.shares_before = projects(spec, shape)
        self.norm_first = "norm" in order.before

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W) -> (B, C', H / stride, W / stride)
        inner = self.before(x)
        y = self.branch(inner)
        if self.shortcut is not None:
            y = self.shortcut(inner if self.shares_before else x) + y
        return self.after(y)

    def layers(self, name: str) -> list[Layer]:
        """The branch's convolutions. Norm and ReLU carry the number of the convolution they belong to."""
        inside = dict(self.branch.named_children())
        parts = dict(self.before.named_children()) | inside | dict(self.after.named_children())
        found = []
        for part, module in inside.items():
            if isinstance(module, nn.Conv2d):
                signal = module if self.norm_first else inside.get(part.replace("conv", "norm"), module)
                found.append(Layer(f"{name}.{part}", module, signal, parts.get(part.replace("conv", "relu"))))
        return found


def branch(spec: NetSpec, shape: Shape) -> nn.Sequential:
    """F(x), all that is added. Fixup (Zhang 2019, section 3) has scalars instead of norms: a bias before each
    convolution and activation, and a multiplier at the end."""
    order = ORDERS[spec.activation_order]
    fixup = spec.init == "fixup"
    parts: dict[str, nn.Module] = {}
    convs = convolutions(spec, shape)
    for index, module in enumerate(convs, 1):
        if index > 1:
            parts |= norms_and_relus(spec, order.before, index, module.in_channels)
        if index == 2 and spec.dropout:
            parts["dropout"] = Dropout(spec.dropout)
        if fixup:
            parts[f"bias{index}"] = fixup_bias(spec)
        parts[f"conv{index}"] = module
        kinds = order.behind if index < len(convs) else order.end
        parts |= norms_and_relus(spec, kinds, index, module.out_channels)
    if fixup:
        parts[f"norm{len(convs)}"] = Scale()
    if spec.se_reduction:
        parts["se"] = SqueezeExcite(shape.out_channels, spec.se_reduction)
    if spec.skip and spec.survival_probability < 1:
        parts["survival"] = StochasticDepth(shape.survival_probability)
    if spec.skip and spec.branch_factor != 1:
        parts["factor"] = Factor(spec.branch_factor)
    return chain(**parts)


def convolutions(spec: NetSpec, shape: Shape) -> list[nn.Conv2d]:
    """Two of 3x3; in a bottleneck 1x1, 3x3 in groups, 1x1."""
    if not spec.bottleneck:
        return [
            conv(spec, shape.in_channels, shape.planes, 3, shape.stride),
            conv(spec, shape.planes, shape.out_channels, 3),
        ]
    width = shape.planes  # of the 3x3
    if spec.base_width is not None:
        width = spec.groups * spec.base_width * (shape.planes // spec.width)
    first, second = (shape.stride, 1) if spec.stride_on == "1x1" else (1, shape.stride)
    return [
        conv(spec, shape.in_channels, width, 1, first),
        conv(spec, width, width, 3, second, spec.groups),
        conv(spec, width, shape.out_channels, 1),
    ]


def projects(spec: NetSpec, shape: Shape) -> bool:
    """He 2015, section 4.1: A zero padding, B projection where the shape changes, C projection on every block."""
    return spec.shortcut == "C" or (spec.shortcut == "B" and shape.changes)


def shortcut(spec: NetSpec, shape: Shape) -> nn.Module:
    """What the branch is added to. A projection has a norm where the branch ends in one."""
    parts: dict[str, nn.Module] = {}
    if projects(spec, shape):
        parts["conv"] = conv(spec, shape.in_channels, shape.out_channels, 1, shape.stride)
        if "norm" in ORDERS[spec.activation_order].end:
            parts["norm"] = norm(spec, shape.out_channels)
    elif shape.changes:
        parts["pad"] = PadShortcut(shape.stride, shape.out_channels - shape.in_channels)
    if spec.shortcut_scale != 1:
        parts["factor"] = Factor(spec.shortcut_scale)
    return chain(**parts) if parts else nn.Identity()


def norms_and_relus(spec: NetSpec, kinds: Iterable[str], index: int, channels: int) -> dict[str, nn.Module]:
    """By name: kind and index."""
    return {f"{kind}{index}": norm(spec, channels) if kind == "norm" else nn.ReLU() for kind in kinds}
