"""Plain and residual nets of He et al. 2015, section 4.2: a 3x3 stem, three stages of n blocks, pooling, linear."""

from __future__ import annotations

from torch import Tensor, nn

from core.nets.net import Block, Layer, Net
from core.nets.parts import PadShortcut, Scale, chain, conv, fixup_bias, norm
from core.spec import NetSpec


class ResNet(Net):
    """Depth 6n+2; stages of width w, 2w, 4w on maps of 32x32, 16x16, 8x8. With skip off: the plain net."""

    def __init__(self, spec: NetSpec) -> None:
        super().__init__(spec)
        width = spec.width
        self.stem = conv(spec, 3, width, 3)
        self.norm = norm(spec, width)
        self.relu = nn.ReLU()
        self.stage1 = stage(spec, width, width, stride=1)
        self.stage2 = stage(spec, width, 2 * width, stride=2)
        self.stage3 = stage(spec, 2 * width, 4 * width, stride=2)
        self.fc_bias = fixup_bias(spec)
        self.fc = nn.Linear(4 * width, spec.num_classes)
        self._list_layers()

    def forward(self, x: Tensor) -> Tensor:  # (B, 3, 32, 32) -> (B, num_classes)
        x = self.relu(self.norm(self.stem(x)))  # (B, w, 32, 32)
        x = self.stage3(self.stage2(self.stage1(x)))  # (B, 4w, 8, 8)
        return self.fc(self.fc_bias(x.mean((2, 3))))

    def _list_layers(self) -> None:
        self.layers.append(Layer("stem", self.stem, self.norm, self.relu))
        for name, block in self.named_modules():
            if isinstance(block, BasicBlock):
                branch = block.branch
                self.layers.append(Layer(f"{name}.conv1", branch.conv1, branch.norm1, branch.relu1))
                self.layers.append(Layer(f"{name}.conv2", branch.conv2, branch.norm2, block.relu))
                if block.shortcut is not None:
                    self.blocks.append(Block(name, branch, block.shortcut))
        self.layers.append(Layer("fc", self.fc, self.fc, None))


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut, post-activation: y = relu(shortcut(x) + branch(x))."""

    def __init__(self, spec: NetSpec, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.branch = Branch(spec, in_channels, out_channels, stride)
        self.shortcut = shortcut(spec, in_channels, out_channels, stride) if spec.skip else None
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W) -> (B, C', H / stride, W / stride)
        y = self.branch(x) if self.shortcut is None else self.shortcut(x) + self.branch(x)
        return self.relu(y)


class Branch(nn.Module):
    """conv-norm-relu-conv-norm. Fixup (Zhang 2019, section 3) has scalars instead of norms: a bias before each
    convolution and activation, and a multiplier at the end."""

    def __init__(self, spec: NetSpec, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.bias1 = fixup_bias(spec)
        self.conv1 = conv(spec, in_channels, out_channels, 3, stride)
        self.norm1 = norm(spec, out_channels)
        self.relu1 = nn.ReLU()
        self.bias2 = fixup_bias(spec)
        self.conv2 = conv(spec, out_channels, out_channels, 3)
        self.norm2 = Scale() if spec.init == "fixup" else norm(spec, out_channels)

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W) -> (B, C', H / stride, W / stride)
        x = self.relu1(self.norm1(self.conv1(self.bias1(x))))
        return self.norm2(self.conv2(self.bias2(x)))


def stage(spec: NetSpec, in_channels: int, out_channels: int, stride: int) -> nn.Sequential:
    """n blocks; the first one changes channels and size."""
    blocks = {"block1": BasicBlock(spec, in_channels, out_channels, stride)}
    for index in range(2, spec.layers_per_block + 1):
        blocks[f"block{index}"] = BasicBlock(spec, out_channels, out_channels, stride=1)
    return chain(**blocks)


def shortcut(spec: NetSpec, in_channels: int, out_channels: int, stride: int) -> nn.Module:
    """He 2015, section 4.1: A zero padding, B projection where the shape changes, C projection on every block."""
    same_shape = stride == 1 and in_channels == out_channels
    if spec.shortcut == "C" or (spec.shortcut == "B" and not same_shape):
        return chain(conv=conv(spec, in_channels, out_channels, 1, stride), norm=norm(spec, out_channels))
    return nn.Identity() if same_shape else PadShortcut(stride, out_channels - in_channels)
