"""Boxes for numbers, on every page that has them: what is typed or linked is understood or refused."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.engine import client
from core.web.registry import ARCHITECTURE, INSPECT, TRAIN, XRAY, Page

Open = Callable[..., AppTest]
REAL = ("lr", "momentum", "weight_decay", "warmup_steps", "clip", "dropout", "survival")
WHOLE = ("epochs", "batch", "seed", "width", "se")


def type_into(app: AppTest, key: str, text: str) -> AppTest:
    return app.text_input(key=key).set_value(text).run()


@pytest.mark.parametrize("key", [*REAL, *WHOLE])
def test_what_could_be_another_number_is_refused_beside_the_button(open_page: Open, key: str) -> None:
    app = open_page(TRAIN)
    for text in ("1,000", "5%", ""):
        type_into(app, key, text)
        assert not app.exception
        assert [error.value.startswith(f"{app.text_input(key=key).label}: ") for error in app.error] == [True]
        assert app.button(key="train").disabled
        assert app.text_input(key=key).value == text


@pytest.mark.parametrize(
    ("text", "shown", "lr"),
    [("0,05", "0.05", 0.05), (".5", ".5", 0.5), ("1e-3", "1e-3", 1e-3), (" 0,2 ", "0.2", 0.2), ("1.000,5", None, None)],
)
def test_the_rate_that_is_typed_is_the_rate_of_the_run(
    open_page: Open, text: str, shown: str | None, lr: float | None
) -> None:
    app = type_into(open_page(TRAIN), "lr", text)
    if lr is None:  # understood, and more than can be
        assert "Learning rate 1000.5" in app.error[0].value
        return
    assert app.text_input(key="lr").value == shown
    app.button(key="train").click().run()
    assert [run.spec.train.lr for run in client.store().runs()] == [lr]


@pytest.mark.parametrize("text", ["1.000", "12.5", "0,5", "1e999"])
def test_whole_numbers_have_no_decimals(open_page: Open, text: str) -> None:
    app = type_into(open_page(TRAIN), "epochs", text)
    assert app.error[0].value.startswith("Epochs: ")
    assert app.button(key="train").disabled


@pytest.mark.parametrize(
    ("query", "lr"), [("0,05", 0.05), ("1e-3", 1e-3), ("1,000", 0.1), ("5%", 0.1), ("1.000.5", 0.1), ("0x1", 0.1)]
)
def test_a_link_is_understood_or_refused(open_page: Open, query: str, lr: float) -> None:
    """Refused: a sentence, and the box as it usually is."""
    app = open_page(TRAIN, lr=query)
    assert not app.exception
    assert len(app.toast) == (lr == 0.1)
    app.button(key="train").click().run()
    assert [run.spec.train.lr for run in client.store().runs()] == [lr]


@pytest.mark.parametrize(
    ("page", "query", "key"),
    [
        (ARCHITECTURE, {}, "width"),
        (ARCHITECTURE, {"family": "Wide"}, "multiplier"),
        (ARCHITECTURE, {}, "survival"),
        (XRAY, {}, "x_seed"),
        (XRAY, {"x_view": "Fully connected"}, "x_layers"),
        (XRAY, {"x_view": "Fully connected"}, "x_units"),
        (XRAY, {"x_view": "Beyond CNNs"}, "x_blocks"),
        (XRAY, {"x_view": "Beyond CNNs"}, "x_channels"),
        (INSPECT, {"i_from": "Test set"}, "i_test"),
    ],
)
def test_other_pages_refuse_alike(open_page: Open, page: Page, query: dict[str, str], key: str) -> None:
    app = type_into(open_page(page, **query), key, "1,000")
    assert not app.exception
    assert any("can be read as 1 or as 1000" in error.value for error in app.error)


@pytest.mark.usefixtures("warm")
def test_the_number_of_a_map_too(open_page: Open) -> None:
    app = open_page(INSPECT, nets="resnet20", i_view="From map to number", i_number_layer="stem", i_number_map="3")
    assert app.text_input(key="i_number_map").value == "3"
    type_into(app, "i_number_map", "1,000")
    assert not app.exception
    assert ["can be read as 1 or as 1000" in error.value for error in app.error] == [True]
    assert app.text_input(key="i_number_map").value == "1,000"


def test_the_last_test_picture_stays_while_its_number_cannot_be_read(open_page: Open) -> None:
    app = open_page(INSPECT, i_from="Test set", i_test="7")
    type_into(app, "i_test", "0,5")
    assert not app.exception
    assert app.session_state["i_shown"].name == "test sample 7"
    app.button(key="i_next").click().run()
    assert app.session_state["i_shown"].name == "test sample 1"


@pytest.mark.parametrize("key", ["x_units", "x_layers"])
def test_bounds_of_a_stack_are_said(open_page: Open, key: str) -> None:
    app = type_into(open_page(XRAY, x_view="Fully connected"), key, "1e6")
    assert not app.exception
    assert "1,000,000 is not possible: give a number from" in app.error[0].value


@pytest.mark.parametrize("query", [{"compression": "0,3"}, {"growth": "1,2"}, {"growth": "500"}])
def test_sliders_refuse_a_link_that_they_cannot_follow(open_page: Open, query: dict[str, str]) -> None:
    [toast] = open_page(TRAIN, family="DenseNet", **query).toast
    assert "give a number" in toast.value


def test_an_epoch_is_said_before_the_run(open_page: Open) -> None:
    app = open_page(TRAIN, batch="2600")

    def said() -> str:
        return " ".join(caption.value for caption in app.caption)

    assert "An epoch is 1 step of 2,600 pictures; 2,400 of the 5,000 are left out, others each time." in said()
    app.toggle(key="keep_last").set_value(True).run()
    assert "An epoch is 2 steps: 2,600 pictures each and 2,400 in the last one, all 5,000." in said()
    app.button(key="train").click().run()
    assert [run.spec.train.drop_last for run in client.store().runs()] == [False]
    type_into(app, "batch", "4999")
    assert "its statistics are that picture's own" in said()
    app.toggle(key="bn").set_value(False).run()
    assert "its statistics are that picture's own" not in said()


def test_the_warm_up_is_said_before_the_run(open_page: Open) -> None:
    """One of its own only where the net is deep or a number is given; beside a deeper net all have that one's."""

    def said(app: AppTest) -> list[str]:
        assert not app.exception
        return [caption.value for caption in app.caption if caption.value.startswith("Warm-up:")]

    assert said(open_page(TRAIN)) == []
    assert said(open_page(TRAIN, warmup_steps="100")) == [
        "Warm-up: in the first 100 steps the learning rate grows from 0."
    ]
    app = open_page(TRAIN, depth="56")
    assert said(app) == ["Warm-up: in the first 39 steps the learning rate grows from 0."]
    assert said(type_into(app, "warmup_steps", "0")) == []
    assert said(type_into(app, "warmup_steps", "Auto")) == [
        "Warm-up: in the first 39 steps the learning rate grows from 0."
    ]
    app.selectbox(key="race").set_value("He 2015, figure 6").run()
    assert said(app) == [
        "Warm-up: in the first 39 steps the learning rate grows from 0. He 2015 did not warm up at these depths; one "
        "recipe serves all four nets."
    ]
    app.button(key="train").click().run()
    assert [run.spec.train.warmup_steps for run in client.store().runs()] == [39] * 4
