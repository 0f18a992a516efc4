"""A recording that somebody has changed by hand is refused, or is one that every form can be made of."""

from __future__ import annotations

import copy
import io
import json
import random
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.publish import taken
from core.publish.whole import PublishError
from core.record import file
from core.record.file import RecordingError
from core.record.recording import Recording
from tests.unit.told_runs import Told

SHIPPED = sorted((Path(__file__).parents[2] / "assets" / "recordings").glob("*.dlrec"))
WRONG: list[Any] = [
    None,
    "text",
    7,
    -1.5,
    [],
    {},
    [None],
    [["a"]],
    {"a": 1},
    True,
    {"array": "x", "row": 0},
    "x" * 10**5,
]


def whole() -> bytes:
    told = Told(losses=np.linspace(2, 1, 12)).probe(3).test(12, 1, 0.5, train_loss=1.0, train_accuracy=0.5)
    return file.to_bytes(told.add("finished", 12, {"test_accuracy": 0.5}).recording())


def with_head(content: bytes, head: Any) -> bytes:
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for entry in source.infolist():
            archive.writestr(entry.filename, json.dumps(head) if entry.filename == file.HEAD else source.read(entry))
    return target.getvalue()


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Ways to every value that lies in the JSON."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(way for key, each in inside for way in places(each, (*path, key)))]


def changed(head: Any, path: tuple[Any, ...], value: Any) -> Any:
    head = copy.deepcopy(head)
    at = head
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return head


def in_every_form(recording: Recording) -> None:
    for form in taken.FORMS.values():
        with suppress(PublishError):
            form.content([recording])


@pytest.mark.parametrize("seed", range(14))
def test_a_value_changed_by_hand_is_refused_or_does_no_harm(seed: int) -> None:
    content, chance = whole(), random.Random(seed)
    head = json.loads(zipfile.ZipFile(io.BytesIO(content)).read(file.HEAD))
    refused = 0
    for path in chance.sample(places(head)[1:], 60):
        wrong = chance.choice(WRONG)
        try:
            found = file.from_bytes(with_head(content, changed(head, path, wrong)), "changed.dlrec")
        except RecordingError:
            refused += 1
            continue
        try:
            in_every_form(found)
        except Exception as error:
            raise AssertionError(f"{path} = {str(wrong)[:40]}") from error
    assert 10 < refused < 60


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_ships_is_read(path: Path) -> None:
    assert file.read(path).seq > 0
