"""Accuracies in different precision stand beside each other only with their precisions."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.test_live_findings import Told, said
from tests.browser.test_live_modules import modules  # noqa: F401 (a fixture)


def evaluated(measured_in: str | None, accuracy: float, /, started: str = "float32", **changes: Any) -> Told:
    run = Told(**changes)
    run.events[0]["payload"]["precision"] = started
    run.train([2.0] * 39).test(39, 1, accuracy)
    if measured_in:
        run.events[-1]["payload"]["precision"] = measured_in
    return run


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (
            (evaluated("float32", 0.5, seed=0), evaluated("bf16", 0.4, seed=1)),
            "Test accuracy after epoch 1: seed 0: 50.0 % in float32, seed 1: 40.0 % in bf16",
        ),
        (
            (evaluated(None, 0.5, seed=0), evaluated(None, 0.4, started="bf16", seed=1)),  # as older runs tell it
            "Test accuracy after epoch 1: seed 0: 50.0 % in float32, seed 1: 40.0 % in bf16",
        ),
        (
            (evaluated("bf16", 0.5, seed=0), evaluated("bf16", 0.4, seed=1)),
            "Test accuracy after epoch 1: seed 0: 50.0 %, seed 1: 40.0 %",
        ),
        (
            (evaluated("float32", 0.5, precision="float32"), evaluated("bf16", 0.4, precision="bf16")),
            "Test accuracy after epoch 1: float32 50.0 %, bf16 40.0 %",
        ),
        (
            (evaluated("float32", 0.5, precision="auto"), evaluated("bf16", 0.4, precision="bf16")),
            "Test accuracy after epoch 1: precision auto 50.0 % in float32, bf16 40.0 % in bf16",
        ),
    ],
)
def test_precisions_are_named_where_they_differ(modules: Page, runs: tuple[Told, ...], expected: str) -> None:  # noqa: F811
    assert said(modules, *runs)["learn"] == expected
