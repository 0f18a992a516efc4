"""Events hold what their types say, as a real run makes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.record.events import Command, Event, decode
from core.record.payloads import SCHEMA, Checkpoint, Traces
from core.record.told import Answer
from core.store.identity import Identity
from core.store.store import Store
from core.train.loop import train
from core.web.train import recordings
from tests.unit.small_runs import NETS, run_spec, trainer
from tests.unit.typed import wrong


def commands() -> Any:
    """Each command once, then nothing more."""
    left = [[Command("lr", 0.01)], [Command("lr", -1.0)], [Command("pause"), Command("step"), Command("resume")]]
    return lambda seconds: left.pop(0) if left else []


@pytest.mark.parametrize("net", NETS)
def test_what_a_run_says_is_what_its_types_say(net: str) -> None:
    run = trainer(net, probes=True, grad_clip=0.5)
    said = list(train(run, run.watcher(), commands()))
    assert {event.kind for event in said} >= {"started", "metrics", "probe", "evaluation", "control", "finished"}
    for event in said:
        if event.kind != "checkpoint":  # the loop hands over the state itself
            assert wrong(event.payload, SCHEMA[event.kind]) == [], event.kind


def test_what_a_browser_is_told_of_a_run_is_what_its_types_say(home: Path) -> None:
    store, run = Store(home), trainer("densenet", probes=True, grad_clip=0.5)
    run_id = store.create_run(run_spec("densenet", probes=True, grad_clip=0.5), holder=Identity(1, 1.0))
    said = [event for event in train(run, run.watcher(), commands()) if event.kind != "checkpoint"]
    store.append(run_id, said, Identity(1, 1.0))
    told = json.loads(recordings.answer(store, store.known(run_id), 0))
    assert wrong(told, Answer) == []
    assert {event["kind"] for event in told["events"]} >= {"started", "metrics", "probe", "evaluation", "control"}
    for event in told["events"]:
        schema = Traces if event["kind"] == "metrics" else SCHEMA[event["kind"]]
        assert wrong(decode(json.dumps(event["payload"])), schema) == [], event["kind"]


def test_a_run_that_diverges_and_one_that_goes_on(tmp_path: Path) -> None:
    broken = list(train(trainer("plain", lr=1000.0), None, lambda seconds: []))
    assert broken[-1].kind == "diverged"
    assert wrong(broken[-1].payload, SCHEMA["diverged"]) == []
    first = trainer()
    first.train_step()
    second = trainer()
    second.load_state(first.state())
    (resumed,) = [event for event in train(second, None, lambda seconds: []) if event.kind == "resumed"]
    assert wrong(resumed.payload, SCHEMA["resumed"]) == []


def test_what_is_wrong_is_found() -> None:
    assert wrong({"file": 3, "more": 1}, Checkpoint) == ["more is unknown", "file is 3"]
    assert wrong({}, Checkpoint) == ["file is missing"]
    assert Event("checkpoint", 1, {"file": "x"}).payload["file"] == "x"
