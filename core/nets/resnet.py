"""Plain and residual nets: He 2015, He 2016 (activation orders), Zagoruyko 2016 (wide), Xie 2017 (groups)."""

from __future__ import annotations

from torch import Tensor, nn

from core.nets.net import Block, Layer, Net
from core.nets.parts import chain, fixup_bias, norm, stem_conv, stem_pool
from core.nets.residual import ResidualBlock, Shape
from core.spec import NetSpec
from core.vocabulary.orders import ORDERS


class ResNet(Net):
    """Stages of width w, 2w, 4w on maps of 32x32, 16x16, 8x8; in the ImageNet form four.

    With skip off: the plain net. Where blocks start with a norm or a ReLU, the net's own is behind the last addition
    instead of behind the stem.
    """

    def __init__(self, spec: NetSpec) -> None:
        super().__init__(spec)
        shapes = block_shapes(spec)
        channels = shapes[-1][-1].out_channels
        self.stem = stem_conv(spec, spec.width)
        self.ends_with_norm = "norm" in ORDERS[spec.activation_order].before
        self.ends_with_relu = "relu" in ORDERS[spec.activation_order].before
        self.norm = norm(spec, channels if self.ends_with_norm else spec.width)
        self.relu = nn.ReLU()
        self.pool = stem_pool(spec)
        self.stages: list[nn.Module] = []
        for index, blocks in enumerate(shapes, 1):
            stage = chain(**{f"block{i}": ResidualBlock(spec, shape) for i, shape in enumerate(blocks, 1)})
            self.add_module(f"stage{index}", stage)
            self.stages.append(stage)
        self.fc_bias = fixup_bias(spec)
        self.fc = nn.Linear(channels, spec.num_classes)
        self._list_layers()

    def forward(self, x: Tensor) -> Tensor:  # (B, 3, H, W) -> (B, num_classes)
        x = self.stem(x)
        x = x if self.ends_with_norm else self.norm(x)
        x = self.pool(x if self.ends_with_relu else self.relu(x))  # (B, w, 32, 32); behind a 7x7 stem (B, w, 56, 56)
        for stage in self.stages:
            x = stage(x)  # (B, w, 32, 32), (B, 2w, 16, 16), (B, 4w, 8, 8)
        x = self.norm(x) if self.ends_with_norm else x
        x = self.relu(x) if self.ends_with_relu else x
        return self.fc(self.fc_bias(x.mean((2, 3))))

    def ends(self) -> dict[str, nn.Module]:
        blocks = {name: module for name, module in self.named_modules() if isinstance(module, ResidualBlock)}
        return {"stem": self.pool} | blocks | ({"last ReLU": self.relu} if self.ends_with_relu else {})

    def _list_layers(self) -> None:
        signal = self.stem if self.ends_with_norm else self.norm
        self.layers.append(Layer("stem", self.stem, signal, None if self.ends_with_relu else self.relu))
        for name, block in self.named_modules():
            if isinstance(block, ResidualBlock):
                self.layers += block.layers(name)
                if block.shortcut is not None:
                    self.blocks.append(Block(name, block.branch, block.shortcut))
        self.layers.append(Layer("fc", self.fc, self.fc, self.relu if self.ends_with_relu else None))


def block_shapes(spec: NetSpec) -> list[list[Shape]]:
    """The blocks of each stage. The first one of a stage changes the channels and, but for stage 1, halves the map."""
    stages: list[list[Shape]] = []
    total = sum(spec.stages)
    channels, number = spec.width, 0
    for index, count in enumerate(spec.stages):
        planes = spec.width * spec.width_multiplier * 2**index
        stages.append([])
        for block in range(count):
            number += 1
            survival = 1 - number / total * (1 - spec.survival_probability)  # Huang 2016, equation 4
            stride = 2 if index > 0 and block == 0 else 1
            shape = Shape(channels, planes, planes * (4 if spec.bottleneck else 1), stride, survival)
            stages[-1].append(shape)
            channels = shape.out_channels
    return stages
