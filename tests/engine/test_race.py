"""Runs beside each other: at one step, each as it would be alone, and whatever happens to one of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.engine import client, execution
from core.engine.race import execute
from core.spec import NetSpec, RunSpec, SpecError
from core.store.home import ROOT
from core.store.identity import Identity
from core.store.store import Store, StoredEvent
from core.train import checkpoint
from core.train.trainer import Trainer
from tests.engine.engines import Engine, curve, tiny
from tests.unit.small_runs import pictures

NETS = {
    "resnet": NetSpec(depth=8, width=4),
    "plain": NetSpec(depth=8, width=4, skip=False, norm="none"),
    "stochastic depth": NetSpec(depth=14, width=4, survival_probability=0.5),
    "dropout": NetSpec(family="wide", depth=10, width=4, width_multiplier=1, dropout=0.5),
}


def specs(epochs: int = 1) -> list[RunSpec]:
    return [tiny(epochs).but(net=net) for net in NETS.values()]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[RunSpec]:
    """Those nets on a tenth of the pictures, ten a minibatch: as many steps, in a tenth of the time."""
    monkeypatch.setattr(execution, "dataset", lambda where: pictures(500, 100))
    return [spec.but(train=spec.train.but(batch_size=10)) for spec in specs()]


def held(store: Store, wanted: list[RunSpec]) -> list[str]:
    return store.create_race(wanted, owner="cli", holder=Identity.me())


def test_each_of_four_is_bit_for_bit_the_run_that_it_is_alone(home: Path, few: list[RunSpec]) -> None:
    store = Store(home)
    alone = []
    for spec in few:
        [run] = execute(store, held(store, [spec]))
        alone.append(run.id)
    runs = execute(store, held(store, few))
    for one, run in zip(alone, runs, strict=True):
        assert run.status == "finished"
        assert curve(store.events(run.id)) == curve(store.events(one))
        state, other = (
            checkpoint.load(store.folder(name) / f"checkpoint-{run.step}.safetensors")[0] for name in (run.id, one)
        )
        unlike = [name for name in state if name != "seconds" and not bool((state[name] == other[name]).all())]
        assert not unlike


def test_all_are_measured_at_the_same_steps(home: Path, few: list[RunSpec]) -> None:
    store = Store(home)
    runs = execute(store, held(store, few[:2]))
    steps = [[event.step for event in store.events(run.id, limit=10**6) if event.kind == "probe"] for run in runs]
    assert steps == [steps[0]] * len(runs)


def test_none_is_a_minibatch_ahead_of_another(home: Path, few: list[RunSpec], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step of each is noted as it is trained."""
    trained: list[str] = []
    train_step = Trainer.train_step

    def noted(trainer: Trainer) -> None:
        train_step(trainer)
        trained.append(trainer.run.net.name)

    monkeypatch.setattr(Trainer, "train_step", noted)
    store = Store(home)
    execute(store, held(store, few[:2]))
    names = [spec.net.name for spec in few[:2]]
    assert trained == names * 50


def test_time_left_counts_the_turns_of_the_others(home: Path) -> None:
    """Two equal nets: about twice what one would take alone, and never less than its own training."""
    store = Store(home)
    for run in execute(store, held(store, [tiny(watched=False), tiny(watched=False)])):
        reports = [
            event for event in store.events(run.id, limit=10**6) if event.kind == "metrics" and 10 < event.step < 50
        ]
        assert reports
        for event in reports:
            alone = (50 - event.step) * 100 / event.payload["images_per_second"]  # s
            assert event.payload["seconds_left"] > 1.05 * alone


def test_one_that_diverges_does_not_hold_the_others(home: Path) -> None:
    store = Store(home)
    wild = tiny().but(
        net=NetSpec(depth=20, width=8, skip=False, norm="none", init="he"), train=tiny().train.but(lr=1000.0)
    )
    calm = tiny().but(train=wild.train.but(lr=0.1))
    runs = execute(store, held(store, [wild, calm]))
    assert [run.status for run in runs] == ["diverged", "finished"]


def test_race_is_one_workers_and_pauses_as_one(lab: Engine) -> None:
    ids = client.submit_race([spec.but(train=spec.train.but(epochs=1000)) for spec in specs()])
    for run_id in ids:
        lab.until_step(run_id, 5)
    assert len({lab.run(run_id).pid for run_id in ids}) == 1
    client.command(ids[2], "pause")
    paused = {lab.until_status(run_id, "paused").step for run_id in ids}
    assert len(paused) == 1
    client.command(ids[0], "step")
    for run_id in ids:
        lab.until_step(run_id, min(paused) + 1)
    assert {lab.run(run_id).step for run_id in ids} == {min(paused) + 1}
    client.command(ids[1], "resume")
    for run_id in ids:
        lab.until_step(run_id, min(paused) + 5)
    client.command(ids[0], "stop")
    lab.until_status(ids[0], "stopped")
    lab.until_step(ids[1], lab.run(ids[0]).step + 5)


def test_twin_is_trained_up_to_its_first_and_then_beside_it(lab: Engine) -> None:
    spec = tiny(epochs=1000)
    first = client.submit(spec)
    lab.until_step(first, 40)
    twin = client.submit(spec.but(net=NETS["plain"]), twin_of=first)
    lab.until_step(twin, 60)
    one, other = lab.run(first), lab.run(twin)
    assert one.pid == other.pid
    assert other.group == one.group == first
    client.command(first, "pause")
    assert len({lab.until_status(run_id, "paused").step for run_id in (first, twin)}) == 1
    alone = client.submit(spec.but(net=NETS["plain"]))  # a paused race holds no slot
    lab.until_step(alone, 30)
    mine, its = (list(curve(lab.events(run_id)).items())[:30] for run_id in (twin, alone))
    assert mine == its


def test_one_that_is_ahead_of_its_twin_is_known_to_wait_for_it(home: Path, few: list[RunSpec]) -> None:
    store = Store(home)
    spec = few[0].but(train=few[0].train.but(epochs=12))
    (first,) = held(store, [spec])
    twins: list[str] = []
    waited = []  # step of the twin, for whom the first waited then, and the first's step

    def seen(run_id: str, event: StoredEvent) -> None:
        if run_id == first and event.step >= 20 and not twins:
            twins.append(store.create_run(spec.but(net=NETS["plain"]), twin_of=first, race=first))
        elif run_id in twins:
            waited.append((event.step, store.known(first).waits_for, store.known(first).step))

    runs = execute(store, [first], seen, joined=True)
    assert {run.status for run in runs} == {"finished"}
    (twin,) = twins
    began = waited[0][2]  # where the first stood when its twin began
    assert {awaited for step, awaited, _ in waited if step < began} == {twin}
    assert waited[-1][1] is None
    assert not any(store.known(run_id).waits_for for run_id in (first, twin))


def test_killed_race_goes_on_as_one_and_changes_nothing(engine: Engine) -> None:
    undisturbed = client.submit_race(specs(epochs=2)[:2])
    for run_id in undisturbed:
        engine.until_status(run_id, "finished")
    ids = client.submit_race(specs(epochs=2)[:2])
    engine.until(lambda: engine.events(ids[-1], "checkpoint"), "there is a checkpoint")
    pid = engine.run(ids[0]).pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    runs = [engine.until_status(run_id, "finished") for run_id in ids]
    assert len({run.pid for run in runs}) == 1
    for one, run_id in zip(undisturbed, ids, strict=True):
        assert curve(engine.events(run_id)) == curve(engine.events(one))


def test_race_too_large_is_refused_though_each_would_fit(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = tiny()
    from core import arith
    from core.engine import checks

    needed = arith.training_bytes(spec.net, spec.train.batch_size, 4)
    monkeypatch.setattr(checks, "_memory", lambda *_: (int(1.5 * needed), "this machine"))
    with pytest.raises(SpecError, match="2 nets beside each other need at least"):
        client.prepared_race([spec, spec])


def test_command_line_race_says_which_run_each_line_is_of(home: Path) -> None:
    words = "race resnet20 plain20 --width 4 --epochs 1 --batch-size 500 --threads 1 --device cpu --json"
    done = subprocess.run([sys.executable, "-m", "core", *words.split()], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    ids = list(dict.fromkeys(line["run"] for line in lines))
    assert [line["name"] for line in lines if line["kind"] == "started"] == ["ResNet-20 ×0.25", "plain-20 ×0.25"]
    assert [(line["run"], line["kind"], line["status"]) for line in lines[-2:]] == [
        (run_id, "summary", "finished") for run_id in ids
    ]
    assert np.isfinite([line["test_accuracy"] for line in lines[-2:]]).all()


@pytest.mark.parametrize("nets", ["resnet20", "resnet20 plain20 plain32 plain44 plain56", "resnet20 resnet21"])
def test_race_that_cannot_be_is_one_sentence(home: Path, nets: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "core", "race", *nets.split()], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""
    assert not (home / "lab.db").exists()
