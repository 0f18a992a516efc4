"""Going on from a run's checkpoint with something changed, through the page."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.engine import client
from core.store.home import checkpoints
from core.web.registry import TRAIN

FIRST = Path(__file__).parents[1] / "labs" / "first"  # a run with checkpoints of steps 10 and 20
RUN = "1127-k8qpwty92k"
Open = Callable[..., AppTest]


@pytest.fixture
def first(home: Path) -> str:
    shutil.copytree(FIRST, home, dirs_exist_ok=True)
    return RUN


def test_it_goes_on_from_a_checkpoint_by_another_rate(open_page: Open, first: str) -> None:
    app = open_page(TRAIN, run=first)
    assert not app.exception
    place = app.selectbox(key=f"go_on_at-{first}")
    assert place.options == ["step 20", "step 10"]
    place.set_value("10")
    app.number_input(key=f"go_on_lr-{first}").set_value(0.02).run()
    told = [caption.value for caption in app.caption if caption.value.startswith("Learning rate: ")]
    parent = client.store().known(first)
    assert told[0].endswith(f"of {parent.total_steps:,} steps in all.")
    app.button(key=f"go_on_fork-{first}").click().run()
    assert not app.exception
    (child,) = [run for run in client.store().runs() if run.id != first]
    assert (child.parent, child.fork_step, child.spec.train.lr) == (first, 10, 0.02)
    assert checkpoints(client.store().folder(child.id))[0].name == "checkpoint-10.safetensors"
    assert app.query_params["with"] == child.id


def test_what_cannot_be_is_one_sentence(open_page: Open, first: str) -> None:
    app = open_page(TRAIN, run=first)
    app.button(key=f"go_on_fork-{first}").click().run()
    assert [toast.value for toast in app.toast] == ["Nothing is changed: choose what is to be otherwise from there on."]
    assert [run.id for run in client.store().runs()] == [first]
