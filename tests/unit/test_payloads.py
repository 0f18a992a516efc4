"""Events hold what their types say, as a real run makes them, and the browser reads no other name."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NotRequired, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest

from core.record.events import Command, Event
from core.record.payloads import SCHEMA, Checkpoint
from core.train.loop import train
from tests.unit.small_runs import NETS, trainer

LIVE = Path(__file__).parents[2] / "assets" / "live"
# what the browser calls the payload of each kind, and what it adds to it
READ = {
    "started": (("started",), set()),
    "probe": (("probe",), {"step"}),
    "metrics": (("latest",), set()),
    "control": (("rate",), {"step"}),
}


def fits(value: Any, wanted: Any) -> bool:
    """Whether a value is of a type as payloads declare them."""
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin is NotRequired:
        return fits(value, inner[0])
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in inner)
    if origin is np.ndarray:
        return isinstance(value, np.ndarray) and value.dtype == get_args(inner[1])[0]
    if origin is list:
        return isinstance(value, list) and all(fits(item, inner[0]) for item in value)
    if origin is dict:
        return isinstance(value, dict) and all(fits(k, inner[0]) and fits(v, inner[1]) for k, v in value.items())
    if wanted is Any:
        return True
    if isinstance(wanted, type) and issubclass(wanted, dict):
        return wrong(value, wanted) == []
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))


def wrong(payload: Mapping[str, Any], schema: Any) -> list[str]:
    """Names that are missing, unknown or of another type."""
    hints = get_type_hints(schema, include_extras=True)
    missing = [f"{name} is missing" for name in schema.__required_keys__ if name not in payload]
    unknown = [f"{name} is unknown" for name in payload if name not in hints]
    other = [f"{name} is {value!r}" for name, value in payload.items() if not fits(value, hints.get(name, Any))]
    return missing + unknown + other


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


@pytest.mark.parametrize("kind", READ)
def test_the_browser_reads_only_what_is_told(kind: str) -> None:
    names, added = READ[kind]
    pattern = re.compile(rf"\b(?:{'|'.join(names)})\??\.([a-z_]+)\b(?!\()")
    read = {name for path in LIVE.rglob("*.js") for name in pattern.findall(path.read_text())}
    assert read
    assert read - added <= set(get_type_hints(SCHEMA[kind]))
