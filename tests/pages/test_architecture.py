"""The Architecture page: links, presets, impossible choices, and what it hands to the browser."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from core import arith
from core.spec import PRESETS, NetSpec, preset
from core.web.net_form import query_of
from core.web.registry import ARCHITECTURE

Open = Callable[..., AppTest]


def shown(app: AppTest) -> dict[str, Any]:
    """What the component was given, its texts read."""
    assert not app.exception
    given = json.loads(app.get("bidi_component")[0].proto.json)
    return given | {part: given[part] and json.loads(given[part]) for part in ("net", "other", "figure")}


def train_link(app: AppTest) -> SplitResult:
    """Where the Train button leads."""
    (found,) = [found for part in app.get("html") for found in re.findall(r'href="(train[^"]*)"', part.proto.body)]
    return urlsplit(unescape(found))


@pytest.mark.parametrize(
    "name", ["plain56", "smallresnet-nobn", "densenet-40-12", "densenet-bc-100-12", "preact164", "wrn16-4"]
)
def test_link_shows_the_net_and_leads_to_train(open_page: Open, name: str) -> None:
    net = preset(name)
    app = open_page(ARCHITECTURE, **query_of(net))
    assert not app.toast
    drawn = shown(app)["net"]
    assert drawn["name"] == net.name
    assert drawn["totals"]["params"] == sum(drawn["rows"]["params"]) == arith.describe(net).params
    address = train_link(app)
    assert address.path == "train"
    assert {key: value for key, (value,) in parse_qs(address.query).items()} == query_of(net)


@pytest.mark.parametrize("view", ["Channels", "Memory", "Compare"])
def test_link_to_a_view(open_page: Open, view: str) -> None:
    given = shown(open_page(ARCHITECTURE, view=view, against="densenet-bc-40-12", open="stage2.block1"))
    assert given["view"] == view.lower()
    assert given["open"] == "stage2.block1"
    assert given["figure"]["title"]
    assert (given["other"] or {}).get("name") == ("DenseNet-BC-40-12" if view == "Compare" else None)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"depth": "21"}, "choose 20 or 26"),
        ({"depth": "4"}, "choose 8"),
        ({"depth": "1208"}, "goes down to 1,202"),
        ({"view": "Inside"}, "choose Layers, Channels, Memory or Compare"),
        ({"view": "Compare", "against": "vgg"}, "choose"),
        ({"open": "<b>"}, "name a unit"),
    ],
)
def test_bad_address_is_answered_in_one_sentence(open_page: Open, query: dict[str, str], said: str) -> None:
    app = open_page(ARCHITECTURE, **query)
    assert shown(app)["net"]["name"] == "ResNet-20"
    assert said in app.toast[0].value


@pytest.mark.parametrize("depth", [8, 218, 998, 1202])
def test_any_depth_can_be_typed(open_page: Open, depth: int) -> None:
    app = open_page(ARCHITECTURE)
    app.text_input(key="depth_exact").set_value(str(depth)).run()
    assert shown(app)["net"]["totals"]["depth"] == depth
    app.select_slider(key="depth").set_value(20).run()
    assert shown(app)["net"]["totals"]["depth"] == 20


@pytest.mark.parametrize(
    ("typed", "said"), [("21", "choose 20 or 26"), ("deep", "not a whole number"), ("1,001", "1001"), ("1208", "1,202")]
)
def test_impossible_depth_keeps_the_drawing(open_page: Open, typed: str, said: str) -> None:
    app = open_page(ARCHITECTURE, depth="32")
    app.text_input(key="depth_exact").set_value(typed).run()
    assert said in app.toast[0].value
    assert shown(app)["net"]["name"] == "ResNet-32"


def test_impossible_choice_keeps_the_last_good_drawing(open_page: Open) -> None:
    app = open_page(ARCHITECTURE, depth="44")
    app.selectbox(key="init").set_value("Fixup").run()
    assert "Fixup replaces normalisation" in app.error[0].value
    given = shown(app)
    assert given["net"]["name"] == "ResNet-44"
    assert "still shows ResNet-44" in given["refusal"]
    assert not any("train-this" in part.proto.body and "href" in part.proto.body for part in app.get("html"))
    app.toggle(key="bn").set_value(False).run()
    assert shown(app)["net"]["name"] == "ResNet-44 no BN fixup"
    assert shown(app)["refusal"] is None


@pytest.mark.parametrize(
    ("query", "change", "said"),
    [
        (
            {"depth": "1202", "width": "8"},
            lambda app: app.text_input(key="width").set_value("1024"),
            "choose depth at most",
        ),
        (
            {"family": "Wide", "depth_wide": "1198", "multiplier": "2"},
            lambda app: app.text_input(key="multiplier").set_value("64"),
            "width multiplier at most",
        ),
    ],
)
def test_net_that_would_not_fit_keeps_the_last_good_drawing(
    open_page: Open, query: dict[str, str], change: Callable[[AppTest], AppTest], said: str
) -> None:
    app = open_page(ARCHITECTURE, **query)
    name = shown(app)["net"]["name"]
    change(app).run()
    assert "too large for this machine" in app.error[0].value
    assert said in app.error[0].value
    given = shown(app)
    assert given["net"]["name"] == name
    assert f"still shows {name}" in given["refusal"]


@pytest.mark.parametrize("name", PRESETS)
def test_preset_fills_the_form(open_page: Open, name: str) -> None:
    app = open_page(ARCHITECTURE)
    app.selectbox(key="preset").set_value(name).run()
    assert shown(app)["net"]["name"] == PRESETS[name].name
    assert app.selectbox(key="preset").proto.placeholder == name


def test_published_numbers_stand_beside_computed_ones(open_page: Open) -> None:
    paper = shown(open_page(ARCHITECTURE))["net"]["paper"]
    assert paper["params"] == 269_722
    assert paper["value"] == "8.75 % test error"
    assert paper["epochs"] == 164
    assert "Table 6" in paper["source"]
    assert "SGD" in paper["protocol"]
    nothing = shown(open_page(ARCHITECTURE, **query_of(NetSpec(depth=26))))["net"]["paper"]
    assert set(nothing.values()) == {None}
