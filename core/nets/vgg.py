"""VGG of Simonyan and Zisserman 2015 (arXiv 1409.1556), with norms or without."""

from __future__ import annotations

from torch import Tensor, nn

from core.nets.net import Layer, Net
from core.nets.parts import chain, norm
from core.nets.random import Dropout
from core.spec import NetSpec

HIDDEN = 4096  # features of the two hidden linear layers of the ImageNet form


class VGG(Net):
    """Five stages of 3x3 convolutions, each with 2x2 maxima at its end, of width w, 2w, 4w, 8w and 8w.

    The ImageNet form is torchvision's. The CIFAR form is that of the commonest public code, kuangliu/pytorch-cifar,
    models/vgg.py: the same stages, which leave one number a map of a 32x32 picture, and one linear layer. Every
    convolution has a bias, as published, also where a norm follows, which takes it away again.
    """

    def __init__(self, spec: NetSpec) -> None:
        super().__init__(spec)
        self.stages: list[nn.Sequential] = []
        channels = 3
        for index, layers in enumerate(spec.stages, 1):
            stage, channels = vgg_stage(spec, channels, widths(spec)[index - 1], layers)
            self.add_module(f"stage{index}", stage)
            self.stages.append(stage)
        side = spec.image_size // 2 ** len(spec.stages)  # 7 or 1
        self.fit = nn.AdaptiveAvgPool2d(side)  # changes nothing where pictures have the size that the net is made for
        self.head = vgg_head(spec, channels * side**2)
        self._list_layers()

    def forward(self, x: Tensor) -> Tensor:  # (B, 3, H, W) -> (B, num_classes)
        for stage in self.stages:
            x = stage(x)  # 32x32: (B, w, 16, 16), (B, 2w, 8, 8), (B, 4w, 4, 4), (B, 8w, 2, 2), (B, 8w, 1, 1)
        return self.head(self.fit(x).flatten(1))

    def ends(self) -> dict[str, nn.Module]:
        """Before the maxima: the last ones would leave a single place of a 32x32 picture."""
        return {name: stage[-1].get_submodule("relu") for name, stage in self.named_children() if stage in self.stages}

    def _list_layers(self) -> None:
        for name, layer in self.named_modules():
            if name.startswith("stage") and isinstance(layer, nn.Sequential) and layer not in self.stages:
                conv, signal, relu = list(layer)[:3]
                assert isinstance(conv, nn.Conv2d)
                self.layers.append(Layer(f"{name}.conv", conv, signal, relu))
        parts = dict(self.head.named_children())
        for name, module in parts.items():
            if isinstance(module, nn.Linear):
                self.layers.append(Layer(name, module, module, parts.get(name.replace("fc", "relu"))))


def widths(spec: NetSpec) -> list[int]:
    """Channels of each stage: doubled from one to the next, but for the last."""
    return [spec.width * 2 ** min(index, 3) for index in range(len(spec.stages))]


def vgg_stage(spec: NetSpec, channels: int, width: int, layers: int) -> tuple[nn.Sequential, int]:
    """That many layers of a convolution and a ReLU, the last one with the maxima behind it; and their channels."""
    parts: dict[str, nn.Module] = {}
    for index in range(1, layers + 1):
        layer = {"conv": nn.Conv2d(channels, width, 3, padding=1), "norm": norm(spec, width), "relu": nn.ReLU()}
        pool = {"pool": nn.MaxPool2d(2)} if index == layers else {}
        parts[f"layer{index}"] = chain(**layer, **pool)
        channels = width
    return chain(**parts), channels


def vgg_head(spec: NetSpec, features: int) -> nn.Sequential:
    """One linear layer; in the ImageNet form three, the hidden ones with ReLU and dropout."""
    parts: dict[str, nn.Module] = {}
    if spec.form == "imagenet":
        for index in (1, 2):
            parts |= {f"fc{index}": nn.Linear(features, HIDDEN), f"relu{index}": nn.ReLU()}
            parts |= {f"dropout{index}": Dropout(spec.dropout)}
            features = HIDDEN
    return chain(**parts, fc=nn.Linear(features, spec.num_classes))
