"""The marks on the bar of time: what happened, where it happened, and of several things at a step what matters most."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from core.findings import story
from core.findings.moment import moment_of
from core.findings.moments import moments_of
from core.findings.seen import Seen
from core.findings.story import Entry
from core.findings.ticks import MOST, MOST_CHECKPOINTS, ticks
from tests.unit.told_runs import FALLING, Told, seen


def test_ends_of_epochs_and_what_happened_between() -> None:
    run = Told(losses=FALLING, warmup_steps=7).add("checkpoint", 20, {"file": "a"}).add("checkpoint", 39, {"file": "b"})
    told = {tick["step"]: tick for tick in ticks(seen(run))}
    assert told[39] == {"step": 39, "kind": "epoch", "text": "End of epoch 1 · Checkpoint"}
    assert told[20] == {"step": 20, "kind": "checkpoint", "text": "Checkpoint"}
    assert told[7]["kind"] == "rate"
    [left] = [tick for tick in told.values() if tick["kind"] == "finding"]
    assert left["text"].startswith("It left guessing")
    assert list(told) == sorted(told)
    assert all(tick["step"] <= len(FALLING) for tick in told.values())


def test_a_finding_names_the_mark_that_it_shares_with_others() -> None:
    run = Told(losses=FALLING).test(39, 1, 0.312).add("checkpoint", 39, {"file": "a"})
    [mark] = [tick for tick in ticks(seen(run)) if tick["step"] == 39]
    assert mark["kind"] == "finding"
    assert mark["text"] == (
        "First test, after epoch 1: 31.2 % of pictures that it never saw. · End of epoch 1 · Checkpoint"
    )


def test_the_steps_of_a_schedule_are_marks() -> None:
    rates = np.repeat([0.1, 0.01, 0.001], 20).astype(np.float32)
    run = Told(losses=(), schedule="step", warmup_steps=0)
    traces = {"steps": np.arange(1, 61, dtype=np.int32), "loss": FALLING, "accuracy": FALLING, "lr": rates}
    run.add("metrics", 60, traces | {"seconds": 1.0, "epoch": 1.5})
    assert [tick["step"] for tick in ticks(seen(run)) if tick["kind"] == "rate"] == [21, 41]


def test_where_a_run_went_on_is_a_mark() -> None:
    run = Told(losses=FALLING).add("resumed", 30, {"step": 30}).train(FALLING[:30])
    assert [tick["step"] for tick in ticks(seen(run)) if tick["kind"] == "resumed"] == [30]


def test_of_several_runs_a_mark_names_those_that_it_is_of_unless_of_all() -> None:
    first = Told(losses=FALLING).add("checkpoint", 5, {"file": "a"}).add("checkpoint", 9, {"file": "b"})
    second = Told({"norm": "none"}, losses=FALLING).add("checkpoint", 5, {"file": "a"})
    told = {tick["step"]: tick["text"] for tick in ticks(seen(first, second))}
    assert told[5] == "Checkpoint"
    assert told[9].endswith("Checkpoint")
    assert "BN: Checkpoint" in told[9]


def test_marks_lie_at_equal_pictures_where_minibatches_differ() -> None:
    long = Told(losses=FALLING, batch_size=64)  # 60 steps of 64 pictures
    short = Told(losses=FALLING[:20], batch_size=128).add("checkpoint", 10, {"file": "a"})
    [mark] = [tick for tick in ticks(seen(long, short)) if "Checkpoint" in tick["text"]]
    assert mark["step"] == 20  # of the longest run


def test_long_runs_have_not_more_marks_than_can_be_told_apart() -> None:
    run = Told(losses=np.linspace(2.3, 1, 2000), images=1000)  # 7 steps an epoch
    for step in range(1, 2000, 3):
        run.add("checkpoint", step, {"file": "a"})
    kinds = [tick["kind"] for tick in ticks(seen(run))]
    assert kinds.count("epoch") <= MOST
    assert kinds.count("checkpoint") <= MOST_CHECKPOINTS


def test_moments_side_by_side_are_the_first_an_epochs_the_middle_and_the_last() -> None:
    run = Told(losses=np.linspace(2.3, 1, 400))  # 39 steps an epoch
    shape = np.ones((8, 5), np.int32)
    for step in (0, 4, 38, 77, 150, 205, 300, 399):
        run.probe(step, histogram=shape)
    run.probe(400)  # without shapes
    assert moments_of(seen(run))["beside"] == [0, 38, 205, 399]
    assert moments_of(seen(Told(losses=FALLING).probe(0, histogram=shape)))["beside"] == [0]
    assert moments_of(seen(Told(losses=FALLING)))["beside"] == []


def test_what_has_not_begun_has_no_marks() -> None:
    assert ticks(seen(Told())) == []
    assert ticks([]) == []


def test_marks_and_story_are_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Seen] = []

    def chapter(run: Seen) -> Iterator[Entry]:
        told.append(run)
        yield from ()

    monkeypatch.setattr(story, "CHAPTERS", (*story.CHAPTERS, chapter))
    run = seen(Told(losses=FALLING))
    ticks(run)
    for step in (None, 20, 40):
        story.story(run, moment_of(run, step))
    assert told == run
