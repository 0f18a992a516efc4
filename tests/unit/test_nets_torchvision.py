"""ImageNet nets against torchvision's: the same weights, drawn at random, give the same answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
import torchvision
from torch import nn

from core.arith import describe
from core.nets import build, skeleton
from core.nets.torchvision import from_torchvision
from core.spec import preset
from tests.unit.small_nets import of_torchvision

NAMES = [
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "resnext50_32x4d",
    "wide_resnet50_2",
    "densenet121",
    "densenet169",
    "densenet201",
    "densenet161",
    "vgg11",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
]


@pytest.fixture
def seeded() -> Iterator[None]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize("name", NAMES)
@torch.no_grad()
def test_same_weights_same_logits(name: str) -> None:
    theirs = of_torchvision(name)
    ours = skeleton(preset(name))
    ours.load_state_dict(from_torchvision(theirs.state_dict()), strict=True, assign=True)
    x = torch.randn(1, 3, 64, 64)
    expected = theirs(x)
    assert 1e-3 < float(expected.std()) < 1e3
    assert float((ours.eval()(x) - expected).abs().max()) < 1e-5


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize(("depth", "params"), [(18, 11_173_962), (34, 21_282_122), (50, 23_520_842)])
@torch.no_grad()
def test_a_small_stem_is_theirs_with_a_small_convolution_and_no_pooling(depth: int, params: int) -> None:
    """The usual way to make their ResNets fit pictures of 32x32."""
    theirs = torchvision.models.get_model(f"resnet{depth}", weights=None, num_classes=10).eval()
    theirs.conv1, theirs.maxpool = nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.Identity()
    ours = skeleton(preset(f"resnet{depth}-3x3"))
    ours.load_state_dict(from_torchvision(theirs.state_dict()), strict=True, assign=True)
    assert sum(parameter.numel() for parameter in ours.parameters()) == params == describe(ours.spec).params
    x = torch.randn(2, 3, 32, 32)
    assert float((ours.eval()(x) - theirs(x)).abs().max()) < 1e-5


@pytest.mark.usefixtures("seeded")
@torch.no_grad()
def test_they_also_agree_in_training_and_in_their_statistics() -> None:
    theirs = of_torchvision("resnet18").train()
    ours = skeleton(preset("resnet18"))
    state = {name: tensor.clone() for name, tensor in theirs.state_dict().items()}
    ours.load_state_dict(from_torchvision(state), assign=True)
    x = torch.randn(4, 3, 64, 64)
    assert float((ours.train()(x) - theirs(x)).abs().max()) < 1e-5
    for name, tensor in from_torchvision(theirs.state_dict()).items():
        torch.testing.assert_close(ours.state_dict()[name], tensor)


@pytest.mark.usefixtures("seeded")
@torch.no_grad()
def test_v1_has_the_same_parameters_and_is_another_function() -> None:
    state = from_torchvision(of_torchvision("resnet50").state_dict())
    v1, v15 = skeleton(preset("resnet50-v1")), skeleton(preset("resnet50"))
    for net in (v1, v15):
        net.load_state_dict(state, assign=True)
    x = torch.randn(1, 3, 64, 64)
    assert not torch.allclose(v1.eval()(x), v15.eval()(x), atol=1e-3)


def test_dense_layers_of_the_published_files_are_understood() -> None:
    """Their names date from before a layer's parts became attributes."""
    weight = torch.zeros(1)
    old = {"features.denseblock2.denselayer11.norm.1.running_mean": weight, "features.norm5.bias": weight}
    assert list(from_torchvision(old)) == ["block2.layer11.norm1.running_mean", "norm.bias"]


def test_names_of_another_architecture_are_refused_in_one_sentence() -> None:
    with pytest.raises(ValueError, match=r'^"conv_stem\.weight" is no parameter of a torchvision ResNet') as error:
        from_torchvision({"conv_stem.weight": torch.zeros(1)})
    assert str(error.value).endswith(".")


def test_a_fresh_imagenet_net_answers_with_a_thousand_logits() -> None:
    net = build(preset("resnet18")).eval()
    with torch.no_grad():
        assert net(torch.randn(1, 3, 224, 224)).shape == (1, 1000)
