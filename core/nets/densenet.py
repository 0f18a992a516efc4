"""DenseNet and DenseNet-BC of Huang et al. 2017: dense blocks with transitions between them, BN-ReLU-conv order."""

from __future__ import annotations

import math
from collections import OrderedDict

import torch
from torch import Tensor, nn

from core.nets.net import Layer, LedgerRow, Net
from core.nets.parts import chain, conv, norm, stem_conv, stem_pool
from core.spec import NetSpec


class DenseNet(Net):
    """Three dense blocks, in the ImageNet form four. With skip off each layer reads only the layer before it."""

    def __init__(self, spec: NetSpec) -> None:
        super().__init__(spec)
        channels = stem_channels(spec)
        imagenet = spec.form == "imagenet"
        self.stem = stem_conv(spec, channels)
        self.stem_norm = norm(spec, channels) if imagenet else nn.Identity()
        self.stem_relu = nn.ReLU() if imagenet else nn.Identity()
        self.pool = stem_pool(spec)
        self.body: list[nn.Module] = []  # blocks and transitions
        for index, layers in enumerate(spec.stages, 1):
            block, channels = dense_block(spec, channels, layers)
            self._append(f"block{index}", block)
            if index < len(spec.stages):
                between, channels = transition(spec, channels)
                self._append(f"transition{index}", between)
        self.norm = norm(spec, channels)
        self.relu = nn.ReLU()
        self.fc = nn.Linear(channels, spec.num_classes)
        self._list_layers()
        if spec.skip:
            self._list_ledger()

    def forward(self, x: Tensor) -> Tensor:  # (B, 3, 32, 32) -> (B, num_classes)
        x = self.pool(self.stem_relu(self.stem_norm(self.stem(x))))
        for part in self.body:
            x = part(x)  # (B, C, 32, 32), (B, C, 16, 16), (B, C, 8, 8)
        x = self.relu(self.norm(x))
        return self.fc(x.mean((2, 3)))

    def ends(self) -> dict[str, nn.Module]:
        body = {name: module for name, module in self.named_children() if module in self.body}
        return {"stem": self.pool} | body | {"last ReLU": self.relu}

    def _append(self, name: str, part: nn.Module) -> None:
        self.add_module(name, part)
        self.body.append(part)

    def _list_layers(self) -> None:
        relu: nn.Module | None = self.stem_relu if self.spec.form == "imagenet" else None
        self.layers.append(Layer("stem", self.stem, self.stem_norm, relu))
        for name, module in self.named_modules():
            if isinstance(module, nn.Conv2d) and module is not self.stem:
                relu = self.get_submodule(name.replace("conv", "relu"))
                short = name.removesuffix(".conv") if name.startswith("transition") else name
                self.layers.append(Layer(short, module, module, relu))
        self.layers.append(Layer("fc", self.fc, self.fc, self.relu))

    def _list_ledger(self) -> None:
        """A block's input is the first source; each of its layers adds one for all layers that follow."""
        sources: tuple[tuple[str, int], ...] = (("stem", self.stem.out_channels),)
        for layer in self.layers[1:]:
            if layer.name.endswith(".conv2"):  # reads its own bottleneck, no concatenation
                continue
            self.ledger.append(LedgerRow(layer.name, layer.module, sources))
            if layer.name.startswith("transition"):
                sources = ((layer.name, layer.module.weight.shape[0]),)
            else:
                sources += ((f"layer{len(sources)}", self.spec.growth_rate),)


class DenseBlock(nn.Sequential):
    """Layers that each read the concatenation of the block's input and of all layers before."""

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W) -> (B, C + N k, H, W)
        for layer in self:
            x = torch.cat([x, layer(x)], 1)
        return x


def stem_channels(spec: NetSpec) -> int:
    """2k in DenseNet-BC and in the ImageNet form, 16 in the others."""
    return 2 * spec.growth_rate if spec.form == "imagenet" or (spec.bottleneck and spec.compression < 1) else 16


def dense_block(spec: NetSpec, channels: int, count: int) -> tuple[nn.Sequential, int]:
    """That many layers, and the channels that leave the block."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for index in range(1, count + 1):
        layers[f"layer{index}"] = dense_layer(spec, channels)
        channels = channels + spec.growth_rate if spec.skip else spec.growth_rate
    return (DenseBlock if spec.skip else nn.Sequential)(layers), channels


def dense_layer(spec: NetSpec, channels: int) -> nn.Sequential:
    """k new channels by a 3x3 convolution; with bottleneck after a 1x1 convolution to 4k."""
    k = spec.growth_rate
    if not spec.bottleneck:
        return chain(norm=norm(spec, channels), relu=nn.ReLU(), conv=conv(spec, channels, k, 3))
    return chain(
        norm1=norm(spec, channels),
        relu1=nn.ReLU(),
        conv1=conv(spec, channels, 4 * k, 1),
        norm2=norm(spec, 4 * k),
        relu2=nn.ReLU(),
        conv2=conv(spec, 4 * k, k, 3),
    )


def transition(spec: NetSpec, channels: int) -> tuple[nn.Sequential, int]:
    """A 1x1 convolution that keeps the share theta of the channels, then 2x2 averages."""
    kept = max(1, math.floor(channels * spec.compression))
    layers = chain(norm=norm(spec, channels), relu=nn.ReLU(), conv=conv(spec, channels, kept, 1), pool=nn.AvgPool2d(2))
    return layers, kept
