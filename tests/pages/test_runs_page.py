"""The Runs page: what is listed and found, and what becomes of runs that are deleted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.record.events import Event
from core.spec import NetSpec, RunSpec, TrainSpec
from core.store import annotating, bin
from core.store.identity import Identity
from core.store.store import Store
from core.web.registry import RUNS

Open = Callable[..., AppTest]
ME = Identity(1, 1.0)


@pytest.fixture
def store(home: Path) -> Store:
    return Store(home)


def ended(store: Store, spec: RunSpec | None = None, *accuracies: float) -> str:
    run_id = store.create_run(spec or RunSpec(), holder=ME)
    tests = [
        Event("evaluation", 39 * epoch, {"epoch": epoch, "test_accuracy": accuracy})
        for epoch, accuracy in enumerate(accuracies, 1)
    ]
    store.append(run_id, [*tests, Event("finished", 100)], ME, status="finished", step=100)
    return run_id


def test_an_empty_lab_says_what_will_stand_here(open_page: Open) -> None:
    app = open_page(RUNS)
    assert not app.exception
    assert any("There is none yet" in each.value for each in app.markdown)


def test_only_what_differs_has_a_column_beside_what_came_of_it(open_page: Open, store: Store) -> None:
    ended(store, RunSpec(train=TrainSpec(seed=1)), 0.25, 0.5)
    ended(store, RunSpec(train=TrainSpec(seed=2), net=NetSpec(norm="none")), 0.125)
    app = open_page(RUNS)
    assert not app.exception
    [frame] = app.dataframe
    shown = frame.value
    assert set(shown) - {
        "Status",
        "Name",
        "Epochs",
        "Test accuracy",
        "By epoch",
        "Pictures/s",
        "Begun",
        "Tags",
        "Note",
    } == {
        "seed",
        "norm",
    }
    assert list(shown["Test accuracy"]) == [12.5, 50.0]
    assert [list(curve) for curve in shown["By epoch"]] == [[12.5], [25.0, 50.0]]
    assert list(shown["seed"]) == [2, 1]


def test_a_search_finds_sorts_and_says_what_it_cannot_read(open_page: Open, store: Store) -> None:
    for depth in (20, 56):
        ended(store, RunSpec(net=NetSpec(depth=depth)), 0.5)
    app = open_page(RUNS, find="depth>50")
    assert list(app.dataframe[0].value["Name"]) == ["ResNet-56"]
    assert list(open_page(RUNS, sort="oldest").dataframe[0].value["Name"]) == ["ResNet-20", "ResNet-56"]
    assert [each.value for each in open_page(RUNS, find="depth>500").info] == ["None of 2 runs is found: ask for less."]
    [refused] = open_page(RUNS, find="dept>5").warning
    assert "write depth" in refused.value


def test_what_was_deleted_is_listed_in_the_bin_alone(open_page: Open, store: Store) -> None:
    kept, gone = ended(store), ended(store, RunSpec(net=NetSpec(depth=56)))
    annotating.annotate(store, kept, title="<b>mine</b> [x](y)")
    bin.delete(store, [gone])
    app = open_page(RUNS)
    assert list(app.dataframe[0].value["Name"]) == ["<b>mine</b> [x](y)"]
    assert any("lie in the bin with 1 run" in each.value for each in app.caption)
    app = open_page(RUNS, bin="Bin")
    assert list(app.dataframe[0].value["Name"]) == ["ResNet-56"]
    app.button(key="runs_empty").click().run()
    app.button(key="runs_empty_sure").click().run()
    assert not app.exception
    assert store.binned() == []
    assert [run.id for run in store.runs()] == [kept]
