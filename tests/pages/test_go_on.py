"""Going on from a run's checkpoint with something changed, through the page."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.arith.surgery import surgery
from core.engine import client
from core.spec import twin
from core.store.home import checkpoints
from core.web.registry import TRAIN

FIRST = Path(__file__).parents[1] / "labs" / "first"  # a run with checkpoints of steps 10 and 20
RUN = "1127-k8qpwty92k"
Open = Callable[..., AppTest]


def foretold(app: AppTest) -> list[str]:
    """What is said before it is done."""
    [told] = [caption.value for caption in app.caption if "Learning rate: " in caption.value]
    return [line.removeprefix("- ") for line in told.splitlines()]


@pytest.fixture
def first(home: Path) -> str:
    shutil.copytree(FIRST, home, dirs_exist_ok=True)
    return RUN


def test_it_goes_on_from_a_checkpoint_by_another_rate(open_page: Open, first: str) -> None:
    app = open_page(TRAIN, run=first)
    assert not app.exception
    place = app.selectbox(key=f"go_on_at-{first}")
    assert place.options == ["From step 20", "From step 10"]
    place.set_value("10")
    app.number_input(key=f"go_on_lr-{first}").set_value(0.02).run()
    parent = client.store().known(first)
    [told] = foretold(app)
    assert told.endswith(f"of {parent.total_steps:,} steps in all.")
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


def test_what_becomes_of_the_weights_is_said_before(open_page: Open, first: str) -> None:
    app = open_page(TRAIN, run=first)
    net = client.store().known(first).spec.net
    app.selectbox(key=f"go_on_at-{first}").set_value("10")
    app.toggle(key=f"go_on_norm-{first}").set_value(net.norm == "none").run()
    assert not app.exception
    assert foretold(app)[: len(surgery(net, twin(net, "norm")).said)] == list(surgery(net, twin(net, "norm")).said)
    app.button(key=f"go_on_fork-{first}").click().run()
    (child,) = [run for run in client.store().runs() if run.id != first]
    assert (child.fork_step, child.spec.net) == (10, twin(net, "norm"))


def test_another_batch_size_begins_at_a_step_of_its_own(open_page: Open, first: str) -> None:
    app = open_page(TRAIN, run=first)
    train = client.store().known(first).spec.train
    app.selectbox(key=f"go_on_at-{first}").set_value("10")
    app.number_input(key=f"go_on_batch_size-{first}").set_value(train.batch_size // 2).run()
    assert f"step 10 of {train.batch_size} is step 20 of {train.batch_size // 2}" in foretold(app)[0]
    app.button(key=f"go_on_fork-{first}").click().run()
    (child,) = [run for run in client.store().runs() if run.id != first]
    assert (child.fork_step, child.race) == (20, None)
    assert checkpoints(client.store().folder(child.id))[0].name == "checkpoint-20.safetensors"


def test_what_no_recipe_can_be_is_said_before(open_page: Open, first: str) -> None:
    app = open_page(TRAIN, run=first)
    app.number_input(key=f"go_on_momentum-{first}").set_value(1.5).run()
    assert any("Momentum 1.5 does not settle" in caption.value for caption in app.caption)
