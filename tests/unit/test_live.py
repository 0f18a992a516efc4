"""What comes back from a browser is not trusted."""

from __future__ import annotations

from typing import Any

import pytest

from core.record.events import CommandKind
from core.web.train.live import Attempt, LiveCommand, read_attempt, read_command

RUNS = {"a", "b"}


@pytest.mark.parametrize("kind", ["pause", "resume", "step", "stop"])
def test_a_button_is_a_command(kind: CommandKind) -> None:
    assert read_command({"run": "b", "kind": kind, "value": None, "id": "1"}, RUNS) == LiveCommand("b", kind)


@pytest.mark.parametrize("value", ["0.05", "0,05", "1,000", ""])
def test_a_learning_rate_comes_as_it_was_typed(value: str) -> None:
    assert read_command({"run": "a", "kind": "lr", "value": value}, RUNS) == LiveCommand("a", "lr", value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "stop",
        {},
        {"kind": "stop"},
        {"run": None, "kind": "stop"},
        {"run": "c", "kind": "stop"},
        {"run": ["a"], "kind": "stop"},
        {"run": "a", "kind": "rm -rf"},
        {"run": "a", "kind": ["stop"]},
        {"run": "a", "kind": "lr", "value": 0.1},
        {"run": "a", "kind": "lr", "value": True},
        {"run": "a", "kind": "lr", "value": {}},
    ],
)
def test_anything_else_is_ignored(value: Any) -> None:
    assert read_command(value, RUNS) is None


def test_an_attempt_is_read() -> None:
    sent = {"run": "a", "part": "net", "field": "norm", "value": "batch"}
    assert read_attempt(sent, RUNS) == Attempt("a", {"part": "net", "field": "norm", "value": "batch"})
    slower = {"part": "train", "field": "lr", "value": 0.01}
    found = read_attempt(sent | slower, RUNS)
    assert found
    assert (found.run, found.change) == ("a", slower)


@pytest.mark.parametrize(
    "change",
    [
        {"run": "nobody"},
        {"run": ["a"]},
        {"part": "probes"},
        {"field": "lr"},
        {"field": ["norm"]},
        {"value": None},
        {"value": {}},
    ],
)
def test_what_is_no_attempt_is_none(change: dict[str, object]) -> None:
    sent = {"run": "a", "part": "net", "field": "norm", "value": "batch"}
    assert read_attempt(sent | change, RUNS) is None
    assert read_attempt([sent], RUNS) is None
