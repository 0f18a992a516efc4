"""VGG against torchvision's, against another implementation of the CIFAR form, and by what it offers to look at."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest
import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models import get_model_weights

from core.arith import describe
from core.nets import Net, build, skeleton
from core.nets.random import Dropout
from core.probes.taps import tap
from core.probes.watch import Watcher
from core.probes.xray import xray
from core.spec import NetSpec, ProbeSpec, SpecError, preset, twin
from core.vocabulary.families import remarks
from tests.unit.small_nets import of_torchvision
from tests.unit.torch_types import gradient_of

DEPTHS = (11, 13, 16, 19)
PUBLISHED = [f"vgg{depth}{norm}" for depth in DEPTHS for norm in ("", "_bn")]
SMALL = [
    NetSpec(family="vgg", depth=11, width=4),
    NetSpec(family="vgg", depth=16, width=4, norm="none"),
    NetSpec(form="imagenet", family="vgg", depth=11, width=2, num_classes=10),
]
# Parameters of the CIFAR form with BN, as other users of that code state them too.
STATED = {11: 9_231_114, 13: 9_416_010, 16: 14_728_266, 19: 20_040_522}


def batch(size: int = 32, count: int = 4) -> Tensor:
    return torch.randn(count, 3, size, size, generator=torch.Generator().manual_seed(0))


def taken(ours: Net, theirs: nn.Module) -> Net:
    """Ours with their weights and statistics: both list them in forward order, and have nothing else."""
    names, tensors = list(ours.state_dict()), list(theirs.state_dict().values())
    ours.load_state_dict(dict(zip(names, tensors, strict=True)), strict=True, assign=True)
    return ours.eval()


@pytest.mark.parametrize("name", PUBLISHED)
def test_counts_are_torchvisions_to_the_last_digit(name: str) -> None:
    with torch.device("meta"):
        theirs = torchvision.models.get_model(name, weights=None).eval()
    stated = get_model_weights(name)["IMAGENET1K_V1"].meta["num_params"]
    built = sum(parameter.numel() for parameter in skeleton(preset(name)).parameters())
    assert describe(preset(name)).params == built == stated == sum(p.numel() for p in theirs.parameters())
    with FlopCounterMode(display=False) as counter:
        theirs(torch.zeros(1, 3, 224, 224, device="meta"))
    assert describe(preset(name)).macs == counter.get_total_flops() / 2


@pytest.mark.parametrize("name", ["vgg11", "vgg11_bn", "vgg16_bn"])
@torch.no_grad()
def test_answers_are_torchvisions(name: str) -> None:
    """Other sizes of pictures are made to fit as well, as theirs are."""
    theirs = of_torchvision(name)
    ours = taken(skeleton(preset(name)), theirs)
    for size in (224, 64):
        expected = theirs(batch(size, 1))
        assert 1e-3 < float(expected.std()) < 1e3
        torch.testing.assert_close(ours(batch(size, 1)), expected, rtol=0, atol=1e-4)


@torch.no_grad()
def test_statistics_are_torchvisions_in_training() -> None:
    theirs = of_torchvision("vgg11_bn").train()
    ours = taken(skeleton(preset("vgg11_bn")), of_torchvision("vgg11_bn")).train()
    for module in [*theirs.modules(), *ours.modules()]:
        if isinstance(module, nn.Dropout | Dropout):
            module.eval()  # the two draw differently
    torch.testing.assert_close(ours(batch(64)), theirs(batch(64)), rtol=0, atol=1e-4)
    for mine, other in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
        torch.testing.assert_close(mine, other)


def of_cifar(depth: int, norm: bool = True) -> nn.Sequential:
    """Written again from a description: per stage convolutions of 3x3, each with BN and ReLU, then maxima; one linear
    layer from 512 to 10 at the end."""
    convolutions = {11: "1 1 2 2 2", 13: "2 2 2 2 2", 16: "2 2 3 3 3", 19: "2 2 4 4 4"}[depth].split()
    found: list[nn.Module] = []
    before = 3
    for count, width in zip(map(int, convolutions), (64, 128, 256, 512, 512), strict=True):
        for _ in range(count):
            found += [nn.Conv2d(before, width, (3, 3), padding=(1, 1)), *([nn.BatchNorm2d(width)] * norm), nn.ReLU()]
            before = width
        found.append(nn.MaxPool2d(kernel_size=2, stride=2))
    return nn.Sequential(*found, nn.Flatten(), nn.Linear(512, 10)).eval()


@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize("depth", DEPTHS)
@torch.no_grad()
def test_the_cifar_form_is_the_common_one(depth: int, norm: bool) -> None:
    spec = NetSpec(family="vgg", depth=depth, norm="batch" if norm else "none")
    theirs = of_cifar(depth, norm)
    params = sum(parameter.numel() for parameter in theirs.parameters())
    assert describe(spec).params == params
    assert not norm or params == STATED[depth]
    ours = taken(skeleton(spec), theirs)
    torch.testing.assert_close(ours(batch()), theirs(batch()))


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_cifar_form_has_two_layers_fewer_than_its_name_says_and_says_so(depth: int) -> None:
    small = NetSpec(family="vgg", depth=depth)
    assert len(skeleton(small).layers) == len(describe(small).layers) == depth - 2
    assert "two layers" in remarks(small.model_dump(), "depth")[0]
    large = preset(f"vgg{depth}")
    assert len(skeleton(large).layers) == depth
    assert not remarks(large.model_dump(), "depth")


def test_biases_before_norms_are_remarked_where_there_are_norms() -> None:
    assert "exception" in remarks(preset("vgg16_bn").model_dump(), "biases")[0]
    assert not remarks(preset("vgg16").model_dump(), "biases")


def test_what_means_nothing_is_ignored_and_skips_are_off() -> None:
    plain = NetSpec(family="vgg")
    assert NetSpec.make(family="vgg", skip=True, stem="7x7", dropout=0.9, shortcut="C", bottleneck=True) == plain
    assert not plain.skip
    with pytest.raises(SpecError, match=r"^VGG-16 has no skips"):
        twin(plain, "skip")
    assert twin(plain, "norm").norm == "none"
    assert (plain.image_size, preset("vgg16").image_size, preset("vgg16").dropout) == (32, 224, 0.5)
    assert (plain.name, preset("vgg16").name) == ("VGG-16", "VGG-16 (ImageNet) no BN")
    assert NetSpec(family="vgg", width=32).name == "VGG-16 ×0.5"
    for init in ("zero-gamma", "gamma-0.1", "fixup"):
        with pytest.raises(SpecError, match="a VGG has none: choose another initialisation"):
            NetSpec.make(family="vgg", init=init)


def test_names_of_layers() -> None:
    names = [layer.name for layer in skeleton(preset("vgg11")).layers]
    assert names[:3] == ["stage1.layer1.conv", "stage2.layer1.conv", "stage3.layer1.conv"]
    assert names[-4:] == ["stage5.layer2.conv", "fc1", "fc2", "fc"]
    assert names[-1] == [layer.name for layer in skeleton(preset("vgg11-cifar")).layers][-1]


@pytest.mark.parametrize("spec", SMALL, ids=lambda spec: spec.name)
def test_a_layer_is_a_convolution_its_norm_and_its_relu_with_maxima_between_stages(spec: NetSpec) -> None:
    """Computed again from the layers alone."""
    net = build(spec).eval()
    x = batch()
    hidden = [layer for layer in net.layers if isinstance(layer.module, nn.Conv2d)]
    with tap([module for layer in net.layers for module in (layer.signal, layer.relu) if module]) as outputs:
        logits = net(x)
    for layer, following in zip(hidden, [*hidden[1:], None], strict=True):
        response = layer.signal(layer.module(x))
        torch.testing.assert_close(outputs[layer.signal], response)
        assert layer.relu is not None
        torch.testing.assert_close(outputs[layer.relu], F.relu(response))
        x = F.relu(response)
        if following is None or following.name.split(".")[0] != layer.name.split(".")[0]:
            x = F.max_pool2d(x, 2)
    assert x.shape[2:] == (1, 1)
    x = F.adaptive_avg_pool2d(x, 7 if spec.form == "imagenet" else 1).flatten(1)
    for layer in net.layers[len(hidden) :]:
        x = layer.module(x)
        x = x if layer.relu is None else F.relu(x)
    torch.testing.assert_close(x, logits)


@pytest.mark.parametrize("spec", SMALL, ids=lambda spec: spec.name)
def test_probes_and_x_ray_read_every_layer(spec: NetSpec) -> None:
    net, labels = build(spec), torch.arange(4)
    payload = Watcher(net, batch(), labels, ProbeSpec(images=4), nullcontext).observe()
    found = xray(net, batch(), labels, lambda: None, 0, room=lambda: None)
    for measured in (payload, found):
        for name in ("weight_grad", "signal_grad", "mean", "std", "dead"):
            assert measured[name].shape == (len(net.layers),)
        assert np.isfinite(measured["weight_grad"]).all()
        assert measured["branch_ratio"].shape == (0,)
        assert np.isnan(measured["dead"]).tolist() == [False] * (len(net.layers) - 1) + [True]
    net.train()
    torch.manual_seed(0)
    F.cross_entropy(net(batch()), labels).backward()
    assert all(torch.isfinite(gradient_of(p)).all() for p in net.parameters())
    assert all(gradient_of(layer.module.weight).any() for layer in net.layers)


def test_ends_are_the_last_relus_of_the_stages() -> None:
    net = build(SMALL[0])
    assert list(net.ends()) == [f"stage{stage}" for stage in range(1, 6)]
    with tap(net.ends().values()) as outputs:
        net(batch())
    assert [outputs[module].shape[2] for module in net.ends().values()] == [32, 16, 8, 4, 2]
