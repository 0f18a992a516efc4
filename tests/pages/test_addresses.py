"""Addresses that ask for what cannot be: one short sentence, no markup, and the page works."""

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.web.registry import ARCHITECTURE, HOME, INSPECT, TRAIN, XRAY, Page

Open = Callable[..., AppTest]
LONG = "9" * 10_000
MARKUP = "**b** <b>x</b> ![x](http://evil.example/x.png) [y](http://evil.example) :material/home: `c` $x$"
KEYS_OF_VIEWS = [(TRAIN, "growth"), (TRAIN, "compression")]
VIEWS = {"growth": {"family": "DenseNet"}, "compression": {"family": "DenseNet"}, "against": {"view": "Compare"}}
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
MARKED = re.compile(r"<b>|\*\*b|!\[|\]\(|(?<!\\):material|(?<!\\)\$x")
KEYS = [
    (TRAIN, key)
    for key in (("run", "with", "family", "depth", "bn", "init", "epochs", "lr", "data", "schedule", "batch"))
]
KEYS += [(ARCHITECTURE, "view"), (ARCHITECTURE, "open"), (ARCHITECTURE, "against")]
KEYS += [(XRAY, key) for key in ("x_view", "x_depth", "x_seed", "x_net1", "x_bn2")]
KEYS += [(INSPECT, key) for key in ("i_from", "nets", "crop", "i_view", "i_example")]


def said(app: AppTest) -> list[str]:
    return [element.value for element in (*app.toast, *app.warning, *app.error)]


@pytest.mark.parametrize(("subject", "key"), KEYS + KEYS_OF_VIEWS, ids=lambda value: getattr(value, "title", value))
@pytest.mark.parametrize(
    "value", [LONG, "9" * 400, MARKUP, "nan", "-1e400"], ids=["long", "large", "markup", "nan", "inf"]
)
def test_what_the_address_asks_is_repeated_short_and_as_it_is(
    open_page: Open, subject: Page, key: str, value: str
) -> None:
    app = open_page(subject, **VIEWS.get(key, {}), **{key: value})
    assert not app.exception
    assert said(app), "nothing was said"
    for text in said(app):
        assert len(text) < 400
        assert not MARKED.search(CODE.sub("", text)), text


@pytest.mark.parametrize(
    ("subject", "key", "value", "cure"),
    [
        (ARCHITECTURE, "family", "vgg", "write VGG."),
        (ARCHITECTURE, "family", "AlexNet", "choose "),
        (ARCHITECTURE, "view", "memory", "write Memory."),
        (XRAY, "x_view", "three nets", "write Three nets."),
        (ARCHITECTURE, "bn", "no", "choose true or false."),
    ],
)
def test_what_no_widget_reads_is_said(open_page: Open, subject: Page, key: str, value: str, cure: str) -> None:
    [text] = said(open_page(subject, **{key: value}))
    assert f"{key}={value}" in text
    assert f"not possible: {cure}" in text


@pytest.mark.parametrize("value", ["true", "False"])
def test_a_switch_reads_both_cases(open_page: Open, value: str) -> None:
    app = open_page(ARCHITECTURE, bn=value)
    assert said(app) == []
    assert app.toggle(key="bn").value == (value == "true")


def test_a_run_of_an_empty_address_is_none(open_page: Open) -> None:
    app = open_page(TRAIN, run="", **{"with": "nobody"})
    assert not app.exception
    assert not app.query_params


@pytest.mark.parametrize("key", ["run", "family", "depth", "bn", "epochs", "lr", "compression"])
def test_a_key_that_is_given_twice_is_said(open_page: Open, key: str) -> None:
    values = {"family": ["Wide", "DenseNet"], "bn": ["true", "false"]}.get(key, ["8", "20"])
    subject = {"family": "DenseNet"} if key == "compression" else {}
    app = open_page(TRAIN, **subject, **{key: values})
    assert not app.exception
    assert any(f"{key}={values[0]}&{key}={values[1]}" in text and "ask for one" in text for text in said(app))
    assert key not in app.query_params
    bare = open_page(TRAIN, **subject)
    assert app.button(key="train").label == bare.button(key="train").label


@pytest.mark.parametrize(
    ("subject", "key", "meant"),
    [
        (TRAIN, "dpeth", "depth is near"),
        (TRAIN, "learningrate", "nothing on this page is called that"),
        (XRAY, "x_sed", "x_seed is near"),
        (XRAY, "depth", "x_depth is near"),
        (ARCHITECTURE, "epochs", "nothing on this page is called that"),
        (INSPECT, "net", "nets is near"),
        (HOME, "depth", "nothing on this page is called that"),
        (TRAIN, MARKUP, "nothing on this page is called that"),
        (TRAIN, LONG, "nothing on this page is called that"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else value.title,
)
def test_a_key_that_means_nothing_is_said_and_taken_out(open_page: Open, subject: Page, key: str, meant: str) -> None:
    app = open_page(subject, **{key: "56"})
    assert not app.exception
    [text] = [text for text in said(app) if text.startswith("The address")]
    assert meant in text
    assert len(text) < 400
    assert not MARKED.search(CODE.sub("", text))
    assert not app.query_params


def test_of_many_keys_that_mean_nothing_a_few_are_said(open_page: Open) -> None:
    app = open_page(TRAIN, depth="56", **{f"utm_{number}": "x" for number in range(300)})
    assert not app.exception
    assert len(app.toast) == 3
    assert app.query_params == {"depth": "56"}


def test_a_key_in_capitals_is_said_and_taken_out(open_page: Open) -> None:
    app = open_page(TRAIN, Depth="56", RUN="x")
    assert not app.exception
    assert sum("small letters" in text for text in said(app)) == 2
    assert not app.query_params
