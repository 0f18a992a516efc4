"""What is often said, and what is so, stands in the open on the page that shows the thing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from core import said
from core.engine import client
from core.said import Said
from core.spec import NetSpec, RunSpec, preset
from core.web.net_form import query_of
from core.web.registry import ARCHITECTURE, HOME, INSPECT, TRAIN, XRAY

Open = Callable[..., AppTest]


def lines(app: AppTest) -> list[str]:
    """Each saying on the page as text; those of the Architecture page as its component is given them."""
    assert not app.exception
    given = [part.proto.body for part in app.get("html")]
    given += [json.loads(part.proto.json).get("said") or "" for part in app.get("bidi_component")]
    found = re.findall(r'<div class="said">(.*?)</div>', "".join(given))
    return [unescape(re.sub(r"<[^>]*>", "", line)) for line in found]


def text(each: Said) -> str:
    return f"Often said: {each.often}. {each.by}: {each.so}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("resnet20", [said.NORM_FIRST, said.MISTAKES]),
        ("resnet50", [said.VGG]),
        ("densenet121", [said.DENSE_121]),
        ("preact110", [said.RELU_FIRST]),
        ("wrn16-4", [said.WIDENING]),
        ("resnet110-scaled", [said.SCALED]),
    ],
)
def test_architecture(open_page: Open, name: str, expected: list[Said]) -> None:
    shown = lines(open_page(ARCHITECTURE, **query_of(preset(name))))
    assert all(text(each) in shown for each in expected)


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        (NetSpec(depth=20, skip=False), said.PLAIN_56),
        (NetSpec(depth=20), said.SHIFT),
        (preset("smallresnet-nobn"), said.WITHOUT_BN),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_train(open_page: Open, net: NetSpec, expected: Said) -> None:
    run = client.store().create_run(RunSpec(net=net))
    assert text(expected) in lines(open_page(TRAIN, run=run))


def test_forms_say_it_at_the_choice(open_page: Open) -> None:
    shown = lines(open_page(TRAIN))
    assert text(said.HE_STD) in shown
    assert text(said.LINEAR_RATE) in shown
    assert text(said.GAMMA) in lines(open_page(TRAIN, init="γ = 0.1"))


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"x_depth": "8"}, [said.PLAIN_56, said.SKIPS_56, said.HE_LAW, said.NORMAL]),
        (
            {"x_depth": "8", "x_bn1": "true", "x_skip1": "true", "x_skip2": "true"},
            [said.SKIPS_56, said.NORMAL],
        ),
        ({"x_view": "Fully connected"}, [said.LEFT_OF_30, said.SKIPS_30, said.SPREAD_30]),
        (
            {"x_view": "Fully connected", "x_stack_init": "He"},
            [said.LEFT_OF_30, said.SKIPS_30, said.SPREAD_30, said.HE_STD],
        ),
        ({"x_view": "Beyond CNNs", "x_blocks": "2"}, [said.BERT]),
        ({"x_view": "Beyond CNNs", "x_blocks": "2", "x_block": "ConvNeXt"}, [said.CONVNEXT]),
    ],
)
def test_xray(open_page: Open, query: dict[str, str], expected: list[Said]) -> None:
    assert lines(open_page(XRAY, **query)) == [text(each) for each in expected]


@pytest.mark.usefixtures("warm")
def test_inspect_says_what_running_statistics_are(open_page: Open) -> None:
    [shown] = lines(open_page(INSPECT, i_view="Train or eval mode", nets="resnet20"))
    assert shown.startswith("Often said: after training BN's running mean and variance are close to 0 and 1.")
    assert re.search(r"Measured here: they are the moments of what each norm reads: means −?[\d.]+ to", shown)


def test_home_does_not_say_that_vanishing_is_why_plain_nets_lose(open_page: Open) -> None:
    app = open_page(HOME)
    assert any("not because gradients vanish" in part.value for part in app.markdown)


@pytest.mark.parametrize("view", ["Why", "Train or eval mode"])
@pytest.mark.usefixtures("warm")
def test_inspect_explains_itself_as_it_is(open_page: Open, view: str) -> None:
    words = " ".join(part.value for part in open_page(INSPECT, i_view=view, nets="resnet20").markdown)
    assert "8×8 positions in a last stage" not in words
    assert {"Why": "7×7 of one", "Train or eval mode": "but for what dropout and stochastic depth"}[view] in words


@pytest.mark.usefixtures("warm")
def test_xray_explains_itself_as_it_is(open_page: Open) -> None:
    app = open_page(XRAY, x_depth="8")
    words = " ".join(part.value for part in app.markdown)
    assert "a norm that follows stands" in words
    assert "from picture to picture as well as within one" in words
    assert app.selectbox(key="x_init1").help.endswith("each block starts as its shortcut, γ = 0.1: nearly.")
