"""Notes pinned at steps: kept as they were written within bounds, marked on the bar of time, gone with their run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.findings.seen import Seen
from core.findings.ticks import ticks
from core.record.events import Event
from core.spec import RunSpec, SpecError
from core.store import bin, notes
from core.store.identity import Identity
from core.store.recordings import recording
from core.store.store import EngineError, Store
from core.web.run.notes import query_of
from core.web.train import findings, live

ME = Identity(1, 1.0)


def run_of(store: Store, step: int = 40) -> str:
    run_id = store.create_run(RunSpec(), holder=ME)
    started = Event("started", 0, {"layers": ["stem", "conv1", "fc"], "steps_per_epoch": 10, "total_steps": step})
    events = [started, Event("metrics", step, _metrics(step))]
    store.append(run_id, events, ME, status="finished", step=step, total_steps=step)
    return run_id


def _metrics(step: int) -> dict[str, object]:
    steps = np.arange(1, step + 1, dtype=np.int32)
    flat = np.ones(step, np.float32)
    took = {"probe_seconds": 0.0, "evaluation_seconds": 0.0, "seconds": 1.0, "seconds_left": 0.0}
    return took | {
        **{"steps": steps, "loss": flat, "accuracy": flat, "lr": flat, "clipped": None, "seconds": 1.0},
        **{
            "epoch": 1.0,
            "images_per_second": 1.0,
            "seconds_left": 0.0,
            "probe_seconds": 0.0,
            "evaluation_seconds": 0.0,
        },
    }


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" plain ", "plain"),
        ("two\nlines\r\n\n", "two\nlines"),
        ("<b>bold</b> [x](y) $a$ :red[no]", "<b>bold</b> [x](y) $a$ :red[no]"),
        ("שלום", "שלום"),
        ("turned \u202eround", "turned  round"),
    ],
)
def test_a_note_is_kept_as_it_was_written(home: Path, text: str, kept: str) -> None:
    store = Store(home)
    run_id = run_of(store)
    note_id = notes.write(store, run_id, 7, text, "conv1", "l_flow=ledger")
    [note] = notes.of_runs(store, [run_id])
    assert (note.id, note.run, note.step, note.layer) == (note_id, run_id, 7, "conv1")
    assert (note.text, note.view) == (kept, "l_flow=ledger")
    notes.rewrite(store, note_id, "other")
    assert [note.text for note in notes.of_runs(store, [run_id])] == ["other"]
    notes.erase(store, [run_id], note_id)
    assert notes.of_runs(store, [run_id]) == []


@pytest.mark.parametrize(
    ("step", "text", "layer", "view", "sentence"),
    [
        (7, "x" * 10_000, "", "", "A note of 10,000 characters is too long: write at most 2,000"),
        (7, " \n\u202e", "", "", "The note is empty"),
        (41, "x", "", "", "has no step 41 yet: choose 0 to 40"),
        (-1, "x", "", "", "has no step -1 yet"),
        (7, "x", "conv\n9" * 100, "", "name one that it has, such as stem or fc"),
        (7, "x", "", "l_flow=" + "x" * 2000, "The view of this note cannot be kept"),
        (7, "x", "", "a\nb", "The view of this note cannot be kept"),
    ],
)
def test_a_note_that_cannot_be_is_one_sentence(
    home: Path, step: int, text: str, layer: str, view: str, sentence: str
) -> None:
    store = Store(home)
    run_id = run_of(store)
    with pytest.raises(SpecError, match=sentence) as caught:
        notes.write(store, run_id, step, text, layer, view)
    assert len(str(caught.value).splitlines()) == 1
    assert notes.of_runs(store, [run_id]) == []


def test_a_note_of_another_run_or_none_is_left_alone(home: Path) -> None:
    store = Store(home)
    one, other = run_of(store), run_of(store)
    note_id = notes.write(store, one, 1, "mine")
    with pytest.raises(EngineError, match="There is no note"):
        notes.erase(store, [other], note_id)
    with pytest.raises(EngineError, match="There is no note"):
        notes.rewrite(store, note_id + 1, "x")
    assert [note.text for note in notes.of_runs(store, [one, other])] == ["mine"]


def test_notes_go_with_their_run(home: Path) -> None:
    store = Store(home)
    run_id = run_of(store)
    notes.write(store, run_id, 1, "mine")
    bin.delete(store, [run_id])
    bin.put_back(store, [run_id])
    assert len(notes.of_runs(store, [run_id])) == 1
    bin.delete(store, [run_id])
    bin.empty(store)
    assert notes.of_runs(store, [run_id]) == []


def test_notes_are_marks_on_the_bar_of_time(home: Path) -> None:
    store = Store(home)
    run_id = run_of(store)
    seen = Seen(recording(store, store.known(run_id)), "ResNet-20")
    marks = {mark["step"]: mark for mark in ticks([seen], {run_id: [(7, "look"), (20, "again")], "other": [(8, "no")]})}
    assert marks[7] == {"step": 7, "kind": "note", "text": "Note: look"}
    assert (marks[20]["kind"], marks[20]["text"]) == ("note", "Note: again · End of epoch 2")
    assert 8 not in marks


def test_a_browser_is_told_of_a_note_that_came_or_went(home: Path) -> None:
    """Nothing has happened in the run meanwhile."""
    store = Store(home)
    run_id = run_of(store)

    def told() -> list[str]:
        found = json.loads(findings.answer({"runs": run_id}))
        return [mark["text"] for mark in found["ticks"] if mark["kind"] == "note"]

    assert told() == []
    note_id = notes.write(store, run_id, 7, "two\nlines", "conv1")
    assert told() == ["Note: conv1: two lines"]
    notes.rewrite(store, note_id, "other")
    assert told() == ["Note: conv1: other"]
    notes.erase(store, [run_id], note_id)
    assert told() == []


def test_a_note_opens_the_view_in_which_it_was_made(home: Path) -> None:
    store = Store(home)
    one, other = run_of(store), run_of(store)
    view = f"run={other}&with={one}&l_flow=ledger&l_hidden=2&l_step=3&evil=1"
    notes.write(store, one, 7, "mine", view=view)
    [note] = notes.of_runs(store, [one])
    assert query_of(note) == {"run": other, "with": one, "l_flow": "ledger", "l_hidden": "2", "l_step": "7"}
    bin.delete(store, [other])
    assert query_of(note) == {"run": one, "l_flow": "ledger", "l_step": "7"}


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "text",
        {},
        {"run": "other", "step": 1, "layer": "", "text": "x", "view": ""},
        {"run": "mine", "step": 1.5, "layer": "", "text": "x", "view": ""},
        {"run": "mine", "step": float("inf"), "layer": "", "text": "x", "view": ""},
        {"run": "mine", "step": 10**400, "layer": "", "text": "x", "view": ""},
        {"run": "mine", "step": float("nan"), "layer": "", "text": "x", "view": ""},
        {"run": "mine", "step": "1", "layer": "", "text": "x", "view": ""},
        {"run": "mine", "step": 1, "layer": None, "text": "x", "view": ""},
        {"run": "mine", "step": 1, "layer": "", "text": ["x"], "view": ""},
    ],
)
def test_what_a_browser_may_send_is_no_note(sent: object) -> None:
    assert live.read_remark(sent, {"mine"}) is None


def test_what_a_browser_sends_is_a_note() -> None:
    sent = {"run": "mine", "step": 3.0, "layer": "conv1", "text": "x", "view": "l_flow=ledger", "id": "1"}
    assert live.read_remark(sent, {"mine"}) == live.Remark("mine", 3, "conv1", "x", "l_flow=ledger")
