"""Explanations against the papers' definitions, computed by hand."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.check import never
from core.data.files import load
from core.inspect.explain import explain
from core.inspect.trained import Trained
from core.nets import build
from core.spec import NetSpec
from core.vocabulary.datasets import DATASETS

KIND = DATASETS["cifar10"]
CLASSES = KIND.classes
SPECS = [
    NetSpec(depth=14),
    NetSpec(depth=14, activation_order="pre"),
    NetSpec(depth=8, skip=False, norm="none"),
    NetSpec(family="densenet", depth=16, growth_rate=4, bottleneck=True, compression=0.5),
    NetSpec(family="vgg", depth=11, width=4),
]
CAT = 3


@pytest.fixture(scope="module", params=SPECS, ids=lambda spec: spec.name)
def trained(request: pytest.FixtureRequest) -> Trained:
    return Trained(build(request.param, seed=1).eval().requires_grad_(False), CLASSES, KIND.mean, KIND.std)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return load("sample").test_images[3].transpose(1, 2, 0)


def forward_from(net: nn.Module, layer: nn.Module, image: Tensor) -> tuple[Tensor, Tensor]:
    """Logits, and the layer's maps as a leaf that they depend on."""
    kept: list[Tensor] = []

    def replace(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        kept.append(output.detach().requires_grad_(True))
        return kept[0]

    hook = layer.register_forward_hook(replace)
    try:
        return net(image), kept[0]
    finally:
        hook.remove()


def test_gradcam_is_selvarajus_equations_1_and_2(trained: Trained, picture: np.ndarray) -> None:
    image = trained.normalise(picture[None])
    for number, (name, layer) in enumerate(trained.net.ends().items()):
        logits, maps = forward_from(trained.net, layer, image)
        (gradient,) = torch.autograd.grad(logits[0, CAT], maps)
        weights = gradient.mean((2, 3), keepdim=True)
        heat = functional.relu((weights * maps).sum(1, keepdim=True)).detach()
        heat = functional.interpolate(heat, (32, 32), mode="bilinear", align_corners=False)[0, 0]
        found = explain(trained, picture, "gradcam", CAT, number, never)
        assert found["layers"][found["layer"]] == name
        assert found["positions"] == maps.shape[-1]
        np.testing.assert_allclose(found["heat"], heat.numpy(), rtol=1e-4, atol=1e-7)
        assert found["logit"] == pytest.approx(logits[0, CAT].item(), abs=1e-5)


def test_gradcam_layers_end_where_the_classifier_reads(trained: Trained, picture: np.ndarray) -> None:
    layer = list(trained.net.ends().values())[-1]
    logits, maps = forward_from(trained.net, layer, trained.normalise(picture[None]))
    classifier = trained.net.layers[-1].module
    pooled = functional.max_pool2d(maps, 2) if trained.net.spec.kind == "vgg" else maps
    assert torch.allclose(classifier(pooled.mean((2, 3))), logits, atol=1e-6)


def test_integrated_gradients_are_the_integral_and_complete(trained: Trained, picture: np.ndarray) -> None:
    image = trained.normalise(picture[None])
    path = torch.linspace(0, 1, 2001)[:-1] + 1 / 4000  # middles of 2,000 steps
    total = torch.zeros_like(image)
    for part in path.split(100):
        points = (part.view(-1, 1, 1, 1) * image).requires_grad_(True)
        (gradient,) = torch.autograd.grad(trained.net(points)[:, CAT].sum(), points)
        total += gradient.sum(0, keepdim=True) / len(path)
    heat = (total * image)[0].sum(0)
    found = explain(trained, picture, "gradients", CAT, -1, never)
    scale = heat.abs().max().item()
    # a net of ReLUs has kinks along the path, so two rules of integration agree only as well as their steps are fine
    assert np.abs(found["heat"] - heat.numpy()).max() < 0.05 * scale
    assert np.corrcoef(found["heat"].ravel(), heat.numpy().ravel())[0, 1] > 0.999
    assert found["total"] == pytest.approx(found["heat"].sum(), rel=1e-4)
    assert found["error"] == pytest.approx(found["total"] - (found["logit"] - found["baseline_logit"]))
    assert abs(found["error"]) < 0.02 * max(1.0, abs(found["logit"] - found["baseline_logit"]))


def test_occlusion_is_the_mean_drop_of_the_windows_over_a_pixel(trained: Trained, picture: np.ndarray) -> None:
    image = trained.normalise(picture[None])
    drops, times = torch.zeros(32, 32), torch.zeros(32, 32)
    with torch.no_grad():
        whole = trained.net(image)[0, CAT]
        for top in range(0, 32 - 6 + 2, 2):
            for left in range(0, 32 - 6 + 2, 2):
                covered = image.clone()
                covered[:, :, top : top + 6, left : left + 6] = 0
                drops[top : top + 6, left : left + 6] += whole - trained.net(covered)[0, CAT]
                times[top : top + 6, left : left + 6] += 1
    found = explain(trained, picture, "occlusion", CAT, -1, never)
    np.testing.assert_allclose(found["heat"], (drops / times).numpy(), atol=1e-4)


def test_an_explanation_stops_when_it_is_told_to(trained: Trained, picture: np.ndarray) -> None:
    looks = 0

    def check() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        explain(trained, picture, "occlusion", CAT, -1, check)
    assert not any(module._forward_hooks for module in trained.net.modules())
