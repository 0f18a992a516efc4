"""From a spec to a network that can be trained and watched."""

from __future__ import annotations

import torch

from core.nets.densenet import DenseNet
from core.nets.initialise import initialise
from core.nets.net import Block, Layer, LedgerRow, Net
from core.nets.resnet import ResNet
from core.nets.vgg import VGG
from core.spec import NetSpec

__all__ = ["Block", "Layer", "LedgerRow", "Net", "build", "skeleton"]

FAMILIES: dict[str, type[Net]] = {"resnet": ResNet, "wide": ResNet, "densenet": DenseNet, "vgg": VGG}


def skeleton(spec: NetSpec) -> Net:
    """The net of the spec on the meta device: names and shapes, but no weights, no memory and no random numbers."""
    with torch.device("meta"):
        return FAMILIES[spec.family](spec)


def build(spec: NetSpec, seed: int = 0) -> Net:
    """The net of the spec on the CPU in float32, initialised; torch's global random state is left alone."""
    net = skeleton(spec)
    net.to_empty(device="cpu")
    initialise(net, seed)
    return net
