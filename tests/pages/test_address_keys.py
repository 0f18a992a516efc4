"""The keys that a page knows are those that its widgets have, in all of its views, and those that it writes itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.spec import RunSpec
from core.store.store import Store
from core.web.keys import NET
from core.web.registry import ARCHITECTURE, COMPARE, HOME, INSPECT, RUNS, TRAIN, XRAY, Page
from core.web.train.view import PARTS

Open = Callable[..., AppTest]
FORMS = [
    *(
        {"family": family, "form": form}
        for family, form in itertools.product(("ResNet", "DenseNet", "VGG"), ("CIFAR", "ImageNet"))
    ),
    {"family": "ResNet", "block_bottleneck": "true"},
    {"family": "DenseNet", "bottleneck": "false"},
    {"family": "Wide"},
]
# a view of a run, a run itself, its recording, nets and pictures are not widgets
WRITTEN = {"run", "runs", "with", "file", "open", "nets", "crop", "i_number_at"} | PARTS.keys()
WRITTEN |= {f"{chosen}{number}" for chosen in ("i_maps_map", "i_why_field") for number in (1, 2, 3)}


def bound(pages: Iterable[AppTest]) -> set[str]:
    """The keys that widgets of these pages have in the address."""
    found = set()
    for app in pages:
        assert not app.exception
        blocks = [app._tree.main, app._tree.sidebar]
        found |= {
            key
            for block in blocks
            for element in block
            if (key := getattr(getattr(element, "proto", None), "query_param_key", ""))
        }
    return found


def expect_all(subject: Page, found: set[str]) -> None:
    assert found | (subject.keys & WRITTEN) == subject.keys


def test_train(open_page: Open, home: Path) -> None:
    run = Store(home).create_run(RunSpec())
    forms = [open_page(TRAIN, data="All of CIFAR-10", **form) for form in FORMS]
    expect_all(TRAIN, bound([*forms, open_page(TRAIN, run=run, strip="true")]))


def test_compare(open_page: Open) -> None:
    expect_all(COMPARE, bound([open_page(COMPARE)]))


def test_runs(open_page: Open, home: Path) -> None:
    Store(home).create_run(RunSpec())
    expect_all(RUNS, bound([open_page(RUNS)]))


def test_architecture(open_page: Open) -> None:
    expect_all(ARCHITECTURE, bound(open_page(ARCHITECTURE, view="Compare", **form) for form in FORMS))
    assert ARCHITECTURE.keys >= NET


def test_xray(open_page: Open) -> None:
    """All of its views are drawn, also those that are not shown."""
    expect_all(XRAY, bound([open_page(XRAY)]))


@pytest.mark.usefixtures("warm")
def test_inspect(open_page: Open) -> None:
    whole, views = "All of CIFAR-10", ("Why", "From map to number", "Train or eval mode", "Whole test set")
    pages = [
        open_page(INSPECT),
        open_page(INSPECT, i_from="Test set"),
        open_page(INSPECT, i_from="Test set", i_data=whole),
    ]
    pages += [open_page(INSPECT, i_view=view, i_testset_data=whole) for view in views]
    expect_all(INSPECT, bound(pages))


def test_home(open_page: Open) -> None:
    assert bound([open_page(HOME)]) == HOME.keys == set()
