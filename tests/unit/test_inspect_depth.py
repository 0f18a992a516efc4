"""What the page knows of a net without building it, and the chain of steps, against the nets themselves."""

from typing import Any

import numpy as np
import pytest
from torch import nn

from core.check import never
from core.data.files import load
from core.figures.chain import chain, said
from core.inspect.maps import maps, places_of
from core.inspect.products import products
from core.inspect.trained import Trained
from core.nets import build
from core.spec import NetSpec, preset
from core.vocabulary.datasets import DATASETS
from core.web.inspect.depth import at_share, block_of, convolutions
from core.web.inspect.maps import parts_of
from tests.unit.test_inspect_views import SPECS, lived_in

MORE = SPECS | {
    "plain": NetSpec(depth=14, skip=False),
    "wide": preset("wrn16-4"),
    "dense without skips": NetSpec(family="densenet", depth=13, growth_rate=4, skip=False),
    "imagenet": preset("resnet50"),
    "imagenet dense": preset("densenet121"),
    "imagenet vgg": NetSpec(family="vgg", form="imagenet", width=2),
}

KIND = DATASETS["cifar10"]


@pytest.mark.parametrize("spec", MORE.values(), ids=MORE.keys())
def test_layers_parts_and_blocks_are_those_of_the_net(spec: NetSpec) -> None:
    net = build(spec)
    places = places_of(net)
    assert [row.name for row in convolutions(spec)] == [place.layer.name for place in places]
    assert set(parts_of(spec)) == {part for place in places for part in place.parts}
    of_blocks = {}
    for block in net.blocks:
        inside = [module for module in block.branch.modules() if isinstance(module, nn.Conv2d)]
        for module in inside:
            of_blocks[id(module)] = block.name, inside[-1], inside[0].in_channels
    numbers = {id(place.layer.module): index for index, place in enumerate(places)}
    for index, place in enumerate(places):
        wanted = of_blocks.get(id(place.layer.module))
        found = block_of(spec, index)
        if wanted is None:
            assert found is None
        else:
            assert found == (wanted[0], numbers[id(wanted[1])], wanted[2])


def test_padded_maps_of_a_shortcut_are_zero() -> None:
    spec = NetSpec(depth=14)
    trained = Trained(build(spec).eval(), KIND.classes, KIND.mean, KIND.std)
    picture = load("sample").test_images[0].transpose(1, 2, 0)
    widening = [found for row in range(13) if (found := block_of(spec, row)) and found[2] in (16, 32)]
    for _, last, read in widening:
        shortcut = maps(trained, picture, last, "shortcut", never)["maps"]
        assert shortcut[:read].any()
        assert not shortcut[read:].any()


@pytest.mark.parametrize(
    ("share", "count", "layer"), [(0, 19, 0), (1, 19, 18), (0.5, 13, 6), (6 / 18, 13, 4), (10 / 18, 13, 7)]
)
def test_same_relative_depth(share: float, count: int, layer: int) -> None:
    assert at_share(share, count) == layer


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS.keys())
def test_chain_ends_where_the_net_ends_and_meets_the_map(spec: NetSpec) -> None:
    trained = lived_in(spec)
    picture = load("sample").test_images[3].transpose(1, 2, 0)
    for layer in range(len(convolutions(spec))):
        answer = products(trained, picture, layer, channel=1, y=1, x=1)  # the smallest maps are 2×2
        steps = chain(answer)
        assert len(steps) == 1 + len(answer["steps"])
        for step in steps:
            assert step.here == pytest.approx(step.net, rel=1e-3, abs=1e-4)
        response = maps(trained, picture, layer, parts_of(spec)[0], never)
        if response["part"] != "reads":
            assert np.isclose([step.net for step in steps], response["maps"][1, 1, 1], rtol=1e-4, atol=1e-5).any()


def test_formulas_have_the_numbers_in_place() -> None:
    answer: Any = {
        "products": np.array([[[1.5, -0.5]], [[2.0, 0.25]]], np.float32),
        "from_channels": np.array([1.0, 2.25], np.float32),
        "bias": -0.25,
        "conv": 3.0,
        "steps": [
            {
                **{"kind": "norm", "name": "norm1", "value": -3.0, "mean": 5.0, "variance": 4.0, "eps": 1e-5},
                **{"weight": 3.0, "shift": 0.0},
            },
            {"kind": "add", "name": "shortcut", "shortcut": -1.0, "value": -4.0},
            {"kind": "relu", "name": "relu1", "value": 0.0},
        ],
    }
    added, normed, joined, cut = chain(answer)
    assert (added.title, added.formula) == ("Add up the 4 products; at the end the map's bias", "2.25 + 1 + (−0.25)")
    assert added.here == 3.0
    assert normed.formula == "(3 − 5) / √(4 + 1·10⁻⁵) · 3 + 0"
    assert normed.here == pytest.approx(-3.0, rel=1e-5)
    assert joined.formula == "−3 + (−1)"
    assert cut.here == 0.0


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (-1.23456, "−1.235"), (1e-5, "1·10⁻⁵"), (-2.346e-7, "−2.35·10⁻⁷"), (0.001, "0.001")]
)
def test_numbers_are_said_shortly(value: float, text: str) -> None:
    assert said(value) == text
