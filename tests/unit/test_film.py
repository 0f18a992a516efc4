"""A film: where its frames lie, that taking them changes nothing, and that a run goes on where they find no room."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.engine.checks import checkpoint_bytes
from core.engine.race import execute
from core.record.events import Event
from core.spec import NetSpec, ProbeSpec, RunSpec, SpecError, TrainSpec
from core.spec.film import frames
from core.store.home import checkpoints, step_of
from core.store.identity import Identity
from core.store.kept import film_of, listed
from core.store.store import Store
from core.train.loop import train
from core.train.trainer import Trainer
from tests.unit.small_runs import all_losses, no_commands, pictures, run_spec


@given(st.integers(1, 10**6), st.integers(2, 60))
def test_frames_are_few_and_hold_both_ends(total: int, count: int) -> None:
    found = frames(total, count)
    assert len(found) <= count
    assert {0, total} <= found
    assert min(found) == 0
    assert max(found) == total


def test_frames_lie_evenly_on_a_log_axis() -> None:
    steps = sorted(frames(10**6, 60))[1:]
    late = [math.log(step) for step in steps if step > 1000]  # where a whole step is a small part of a gap
    assert np.allclose(np.diff(late), math.log(10**6) / 58, atol=2e-3)
    assert len(steps) > 45
    assert frames(390, 0) == frozenset()


@pytest.mark.parametrize("film", [1, 61, -1])
def test_a_film_that_cannot_be_is_refused(film: int) -> None:
    with pytest.raises(SpecError, match=f"Number of checkpoints of a film {film} is not possible: choose 2 to 60"):
        ProbeSpec.make(film=film)


def filmed(film: int) -> tuple[Trainer, list[Event]]:
    spec = run_spec("resnet").but(probes={"enabled": False, "images": 8, "film": film})
    trainer = Trainer(spec, pictures())
    return trainer, list(train(trainer, None, no_commands))


def test_taking_a_film_changes_nothing() -> None:
    plain, without = filmed(0)
    other, events = filmed(60)
    np.testing.assert_array_equal(all_losses(events), all_losses(without))
    states = plain.state(), other.state()
    assert states[0].keys() == states[1].keys()
    for name, tensor in states[0].items():
        assert name == "seconds" or torch.equal(tensor, states[1][name]), name
    taken = [event.step for event in events if event.kind == "checkpoint"]
    assert taken == sorted(frames(other.total_steps, 60) | {4, 8})
    needed = [event.step for event in events if event.kind == "checkpoint" and event.payload["needed"]]
    assert needed == [4, 8]  # the ends of epochs, as without a film


def test_what_a_checkpoint_takes_is_known_beforehand(tmp_path: Path) -> None:
    from core.train.checkpoint import save

    for optimizer in ("sgd", "adamw"):
        trainer = Trainer(run_spec("resnet", optimizer=optimizer), pictures())
        trainer.train_step()
        save(tmp_path / "file", trainer.state(), {})
        size = (tmp_path / "file").stat().st_size
        assert 0 < size - checkpoint_bytes(trainer.run) < 64_000  # names, and the generator's state


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.slow
def test_a_run_goes_on_where_its_film_has_no_room(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, looks = Store(home), 0

    def usage(path: Any) -> Usage:
        nonlocal looks
        looks += 1
        return Usage(2**40, 0, 2**40 if looks in (1, 2, 6) else 2**20)

    spec = RunSpec(
        net=NetSpec(depth=8, width=4),
        train=TrainSpec(epochs=1, batch_size=500, precision="float32", device="cpu", threads=1),
        probes=ProbeSpec(enabled=False, film=60),
    )
    run_id = store.create_run(spec, owner="cli", holder=Identity.me())
    monkeypatch.setattr(shutil, "disk_usage", usage)
    (run,) = execute(store, [run_id])
    assert run.status == "finished"
    said = [event for event in store.events(run_id, limit=10**6) if event.kind == "unkept"]
    steps = sorted(film_of(run))  # the last of them is the end of the epoch, which needs no room of the film
    assert [event.step for event in said] == [steps[2], steps[6]]  # once each time that it begins
    told = said[0].payload["message"]
    assert told.startswith("The film leaves out what comes from here on, as only 1 MB are free in ")
    assert [step_of(path) for path in checkpoints(store.folder(run_id))] == [*steps[:2], steps[5], run.step]
    newest = {"film", "newest"}
    assert [each.why for each in listed(store, run)] == [{"film"}, {"film"}, newest, newest | {"best"}]
