"""What the pages say about where norms stand and what is measured, against the nets as they are built."""

from __future__ import annotations

from typing import get_args

import pytest
from torch import nn

from core.figures.live import VIEWS
from core.nets import skeleton
from core.nets.residual import ResidualBlock
from core.spec import NetSpec
from core.vocabulary.orders import ORDERS, ActivationOrder
from tests.unit.torch_types import submodule


def branch_of(spec: NetSpec) -> list[nn.Module]:
    """What runs between a block's input and output, in order, without the shortcut."""
    block = submodule(skeleton(spec), "stage2.block2", ResidualBlock)
    parts = [*block.before, *block.branch, *block.after]
    return [part for part in parts if isinstance(part, nn.Conv2d | nn.BatchNorm2d | nn.ReLU)]


@pytest.mark.parametrize("order", get_args(ActivationOrder))
def test_the_switch_says_where_batch_norm_stands(order: ActivationOrder) -> None:
    spec = NetSpec(depth=14, activation_order=order)
    kinds = "".join(type(part).__name__[0] for part in branch_of(spec))  # B, C, R
    says = ORDERS[order].norms_stand
    assert ("before each convolution" in says) == kinds.startswith("BRC")
    assert ("after each convolution" in says) == ("CB" in kinds and not kinds.startswith("B"))
    block = submodule(skeleton(spec), "stage2.block2", ResidualBlock)
    assert ("after the addition" in says) == any(isinstance(part, nn.BatchNorm2d) for part in block.after)


def test_a_dense_layer_has_its_norm_first_as_the_switch_says() -> None:
    layer = submodule(skeleton(NetSpec(family="densenet", depth=16, bottleneck=True)), "block1.layer1", nn.Sequential)
    assert "".join(type(part).__name__[0] for part in layer) == "BRCBRC"


STRAIGHT = {
    "pre-activation": {"activation_order": "pre"},
    "Wide": {"family": "wide"},
    "DenseNet": {"family": "densenet"},
}


@pytest.mark.parametrize("kind", STRAIGHT)
def test_train_says_that_these_responses_come_straight_from_the_convolution(kind: str) -> None:
    text = VIEWS["signals"].why[0]
    assert kind in text.partition("where norms stand before their convolutions")[2]
    assert all(layer.signal is layer.module for layer in skeleton(NetSpec.make(**STRAIGHT[kind])).layers[1:])


def test_train_says_that_the_others_are_measured_behind_their_norm() -> None:
    assert "behind the norm that belongs to it" in VIEWS["signals"].why[0]
    assert "or behind the addition, straight from the convolution" in VIEWS["signals"].why[0]
    after = {
        order: {layer.name.rpartition(".")[2]: isinstance(layer.signal, nn.BatchNorm2d) for layer in net.layers[1:-1]}
        for order in get_args(ActivationOrder)
        for net in [skeleton(NetSpec(depth=14, activation_order=order))]
    }
    assert after == {
        "post": {"conv1": True, "conv2": True},
        "bn-after-add": {"conv1": True, "conv2": False},
        "relu-before-add": {"conv1": True, "conv2": True},
        "relu-only-pre": {"conv1": True, "conv2": True},
        "pre": {"conv1": False, "conv2": False},
    }
