"""The Compare page: what differs, what came of it, and addresses that ask in vain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.spec import NetSpec, RunSpec, TrainSpec
from core.store.store import Store
from core.web.registry import COMPARE

Open = Callable[..., AppTest]
PAIR = "smallresnet.dlrec,smallresnet-nobn.dlrec"


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def test_two_recordings(open_page: Open) -> None:
    app = open_page(COMPARE, runs=PAIR)
    assert not app.exception
    text = texts(app)
    assert "**These runs differ in norm alone: test accuracy after epoch 30 is" in text
    assert "| norm | with BN | without BN |" in text
    assert text.count("after epoch 30 |") == 2
    assert "| Published | 88.2 % after 30 epochs (The BN study, notebook)" in text
    assert "| 85.3 % after 30 epochs" in text


def test_runs_of_the_store_and_what_is_published(open_page: Open, home: Path) -> None:
    store = Store(home)
    runs = [store.create_run(RunSpec(net=NetSpec(depth=depth))) for depth in (20, 32)]
    text = texts(open_page(COMPARE, runs=",".join(runs)))
    assert "These runs differ in depth alone; they have no test in common yet." in text
    assert "| depth | " in text
    assert "Published" in text


def test_nothing_is_chosen(open_page: Open) -> None:
    app = open_page(COMPARE)
    assert not app.exception
    assert "Choose runs of this lab, or recordings" in texts(app)
    assert any("smallresnet · recording that comes with the lab" in option for option in app.multiselect[0].options)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("nobody", "There is no run"),
        ("none.dlrec", "There is no recording"),
        ("../x.dlrec", "There is no recording"),
        (",".join(f"run{number}" for number in range(13)), "13 runs are more than can be told apart"),
    ],
)
def test_what_is_asked_in_vain_is_said_and_left_out(open_page: Open, asked: str, sentence: str) -> None:
    app = open_page(COMPARE, runs=asked)
    assert not app.exception
    assert any(sentence in warning.value for warning in app.warning)


def test_what_is_chosen_goes_into_the_address(open_page: Open) -> None:
    app = open_page(COMPARE, runs=PAIR)
    app.multiselect[0].set_value(["plain-56.dlrec", "resnet-56.dlrec"]).run()
    assert not app.exception
    assert app.query_params["runs"] == "plain-56.dlrec,resnet-56.dlrec"
    assert "These runs differ in skips alone" in texts(app)


def test_many_runs_have_a_row_each(open_page: Open, home: Path) -> None:
    store = Store(home)
    runs = [store.create_run(RunSpec(train=TrainSpec(seed=seed))) for seed in range(4)]
    text = texts(open_page(COMPARE, runs=",".join(runs)))
    assert "| Run | seed | Stands |" in text
    assert "| ResNet-20 · seed 3 | seed 3 | queued, step 0 |" in text
