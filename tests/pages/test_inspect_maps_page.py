"""The views of feature maps and of one number: what a link shows, and what is said of one that cannot be."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.record.events import decode
from core.web.registry import PAGES

Open = Callable[..., AppTest]
INSPECT = next(page for page in PAGES if page.title == "Inspect")
MAPS = {"nets": "resnet20", "i_view": "Feature maps"}
NUMBER = {"nets": "resnet20", "i_view": "From map to number"}
pytestmark = pytest.mark.usefixtures("warm")


def drawn(app: AppTest, component: str) -> list[dict[str, Any]]:
    """What the components of that name were given to draw, in the order of the page."""
    protos = [element.proto for element in app.get("bidi_component")]
    found = [json.loads(proto.json) for proto in protos if proto.component_name == f"depth_lab_{component}"]
    return [data | decode(data["content"]) for data in found]


def test_a_link_shows_a_layer_a_part_and_a_map(open_page: Open) -> None:
    link = {
        "i_maps_layer": "stage2.block1.conv2",
        "i_maps_part": "Shortcut",
        "i_maps_map1": "20",
        "i_maps_scale": "Layer",
    }
    app = open_page(INSPECT, **MAPS, **link)
    assert not app.exception
    assert not app.toast
    (tiles,) = drawn(app, "grid")
    (large,) = drawn(app, "overlay")
    (block,) = drawn(app, "addition")
    assert tiles["title"] == "stage2.block1.conv2"
    assert tiles["facts"] == "Shortcut · 32 maps of 16×16 · each number sees 21×21 px"
    assert tiles["finding"] == "16 of 32 maps are 0 everywhere."  # option A
    assert tiles["selected"] == 20
    assert len(set(tiles["scales"].tolist())) == 1
    assert "Map 20 of 32" in large["title"]
    assert not large["values"].any()
    branch, shortcut, total = (part["values"] for part in block["parts"])
    assert not shortcut.any()
    assert np.array_equal(branch, total)
    assert "adds 16 of zeros, maps 16 to 31" in block["finding"]


def test_tiles_are_sorted_by_response_or_number(open_page: Open) -> None:
    app = open_page(INSPECT, **MAPS)
    assert app.selectbox(key="i_maps_sort").value == "Response"
    (tiles,) = drawn(app, "grid")
    strength = tiles["mean"][tiles["order"]]  # activations are not negative: their mean is their mean magnitude
    assert (np.diff(strength) <= 1e-6).all()
    assert tiles["selected"] == tiles["order"][0]
    app.selectbox(key="i_maps_sort").set_value("Number").run()
    assert drawn(app, "grid")[0]["order"].tolist() == list(range(16))


def test_two_nets_show_the_same_relative_depth(open_page: Open) -> None:
    app = open_page(INSPECT, **MAPS | {"nets": "smallresnet,resnet20", "i_maps_layer": "stage2.block2.conv2"})
    first, second = drawn(app, "grid")
    assert second["title"] == "ResNet-20: stage2.block2.conv2"  # 10 of 18 steps down
    assert first["title"] == "ResNet-14 B: stage2.block2.conv1"  # 7 of 12
    app.select_slider(key="i_maps_layer").set_value("stage3.block3.conv2").run()
    assert [tiles["title"] for tiles in drawn(app, "grid")] == [
        "ResNet-14 B: stage3.block2.conv2",
        "ResNet-20: stage3.block3.conv2",
    ]


def test_another_net_keeps_the_relative_depth(open_page: Open) -> None:
    app = open_page(INSPECT, **MAPS | {"i_maps_layer": "stage3.block3.conv2"})
    app.multiselect(key="i_nets").set_value(["smallresnet"]).run()
    assert not app.exception
    assert not app.toast
    assert drawn(app, "grid")[0]["title"] == "stage3.block2.conv2"


def test_a_layer_without_the_part_says_so(open_page: Open) -> None:
    app = open_page(INSPECT, **MAPS, i_maps_layer="stage1.block1.conv1", i_maps_part="Sum")
    assert drawn(app, "grid")[0]["facts"].startswith("Activation (there is no “Sum” at this layer) · 16 maps")


def test_from_a_map_to_its_number(open_page: Open) -> None:
    app = open_page(INSPECT, **MAPS, i_maps_layer="stage1.block2.conv2", i_maps_map1="5")
    app.button(key="i_maps_number1").click().run()
    assert not app.exception
    (number,) = drawn(app, "products")
    assert "of map 5 of stage1.block2.conv2" in number["title"]


@pytest.mark.parametrize("layer", ["stem", "stage2.block1.conv1", "stage3.block3.conv2"])
def test_products_add_up_to_the_number_in_the_map(open_page: Open, layer: str) -> None:
    app = open_page(INSPECT, **NUMBER, i_number_layer=layer, i_number_map="3", i_number_at="2,5")
    assert not app.exception
    assert not app.toast
    (number,) = drawn(app, "products")
    (large,) = drawn(app, "overlay")
    assert large["selected"] == [2, 5]
    assert number["products"].sum(dtype=float) == pytest.approx(number["steps"][0]["net"], abs=1e-4)
    last = number["steps"][-1]
    assert number["marked"] == len(number["steps"]) - 1
    assert last["here"] == pytest.approx(large["values"][2, 5], abs=1e-4)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (MAPS | {"i_maps_layer": "stage9"}, "name a layer such as stem or stage3.block3.conv2"),
        (MAPS | {"i_maps_part": "Soul"}, "choose Activation, Response, Branch, Shortcut or Sum"),
        (MAPS | {"i_maps_map1": "best"}, "give the number of a map"),
        (MAPS | {"i_maps_scale": "Universe"}, "choose Map, Layer or Net"),
        (MAPS | {"i_maps_sort": "Beauty"}, "choose Response or Number"),
        (NUMBER | {"i_number_layer": "fc"}, "name a layer such as stem"),
        (NUMBER | {"i_number_map": "16", "i_number_layer": "stem"}, "give a number from 0 to 15"),
        (NUMBER | {"i_number_map": "first"}, "not a whole number: give a number like 128"),
        (NUMBER | {"i_number_at": "here"}, "give row,column such as 3,5"),
    ],
)
def test_bad_links_are_told_and_the_page_opens(open_page: Open, query: dict[str, str], said: str) -> None:
    app = open_page(INSPECT, **query)
    assert not app.exception
    assert any(said in toast.value for toast in app.toast)
    assert drawn(app, "overlay")


def test_beyond_the_layer_is_its_strongest(open_page: Open) -> None:
    app = open_page(INSPECT, **MAPS, i_maps_map1="40")
    (tiles,) = drawn(app, "grid")
    assert tiles["selected"] == tiles["order"][0]
    app = open_page(INSPECT, **NUMBER, i_number_layer="stage3.block1.conv2", i_number_at="31,31")
    (large,) = drawn(app, "overlay")
    y, x = large["selected"]
    assert large["values"][y, x] == large["values"].max()
