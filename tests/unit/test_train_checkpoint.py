"""Checkpoints: resumed bit for bit; what is no checkpoint of this run is refused in one sentence."""

from __future__ import annotations

import pickle
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.spec import NetSpec
from core.train import checkpoint
from core.train.checkpoint import CheckpointError, State
from core.train.rate import Asked
from tests.unit.small_runs import NETS, PRECISIONS, trainer

pytestmark = pytest.mark.slow

RECIPES: list[dict[str, Any]] = [
    {},
    {"precision": "bf16"},
    {"optimizer": "adamw", "lr": 0.001, "decay": "weights", "schedule": "onecycle"},
    {"momentum": 0.0, "grad_clip": 0.5, "warmup_steps": 6},
    {"drop_last": False, "batch_size": 60, "grad_clip": 0.5, "epochs": 3},  # 60 and 4 pictures in turn
]


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_resume_is_bit_exact(net: str, recipe: dict[str, Any], tmp_path: Path) -> None:
    """Six steps straight, and three, a file, three: in the middle of an epoch, across its end."""
    straight, first, second = (trainer(net, **recipe) for _ in range(3))
    first.asked = straight.asked = Asked(0.01, 0)
    for _ in range(6):
        straight.train_step()
    for _ in range(3):
        first.train_step()
    checkpoint.save(tmp_path / "c.safetensors", first.state(), {"step": 3})
    torch.manual_seed(99)
    state, meta = checkpoint.load(tmp_path / "c.safetensors")
    assert meta == {"step": 3}
    assert not torch.equal(torch.get_rng_state(), state["random"])
    second.load_state(state)
    assert torch.equal(torch.get_rng_state(), state["random"])
    assert second.step == 3
    for _ in range(3):
        second.train_step()
    expected, found = straight.state(), second.state()
    assert expected.keys() == found.keys()
    for name in expected.keys() - {"seconds"}:
        assert torch.equal(found[name], expected[name]), name


def of_an_older_version(state: State, scale: float) -> State:
    """What was written when a rate set by hand was a factor for all of the schedule."""
    today = ("lr_asked", "lr_asked_since", "clips")
    old = {name: tensor for name, tensor in state.items() if name not in today}
    return old | {"lr_scale": torch.tensor(scale, dtype=torch.float64)}


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_checkpoint_of_an_older_version_goes_on_bit_for_bit(recipe: dict[str, Any]) -> None:
    straight, first, second = (trainer("resnet", **recipe) for _ in range(3))
    for _ in range(3):
        first.train_step()
    second.load_state(of_an_older_version(first.state(), 1.0))
    assert second.asked is None
    for _ in range(3):
        second.train_step()
    for _ in range(6):
        straight.train_step()
    expected, found = straight.state(), second.state()
    for name in expected.keys() - {"seconds", "clips"}:
        assert torch.equal(found[name], expected[name]), name


@pytest.mark.parametrize("schedule", ["constant", "step", "cosine", "onecycle"])
def test_rate_that_an_older_version_set_goes_on_and_is_not_exceeded(schedule: str) -> None:
    """There it was a factor: 5 of what was scheduled. The steps to come had that at the step of the checkpoint."""
    first, second = (trainer("resnet", lr=0.1, schedule=schedule, epochs=10) for _ in range(2))
    for _ in range(3):
        first.train_step()
    second.load_state(of_an_older_version(first.state(), 5.0))
    rates = [second.lr(step) for step in range(3, 40)]
    assert rates[0] == 5 * second.scheduled_lr(3)
    assert max(rates) == rates[0]
    if schedule != "onecycle":  # a schedule that only falls is followed as it was
        np.testing.assert_allclose(rates, [5 * second.scheduled_lr(step) for step in range(3, 40)])


def test_checkpoint_of_an_older_version_behind_the_last_step() -> None:
    first, second = (trainer("resnet") for _ in range(2))
    for _ in range(8):
        first.train_step()
    second.load_state(of_an_older_version(first.state(), 3.0))
    assert second.step == second.total_steps


@pytest.mark.parametrize("precision", PRECISIONS)
def test_same_spec_twice_is_the_same_run(precision: str) -> None:
    one, other = (trainer("resnet", precision=precision) for _ in range(2))
    for _ in range(5):
        one.train_step()
        other.train_step()
    for name, tensor in one.tensors().items():
        assert torch.equal(other.tensors()[name], tensor), name


def test_state_is_a_copy() -> None:
    run = trainer("plain")
    before = run.state()
    saved = {name: tensor.clone() for name, tensor in before.items()}
    run.train_step()
    assert all(torch.equal(before[name], saved[name]) for name in saved)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "c.safetensors"
    checkpoint.save(path, trainer("resnet").state(), {"step": 0})
    return path


def sentence(path: Path) -> str:
    with pytest.raises(CheckpointError) as error:
        checkpoint.load(path)
    text = str(error.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


@pytest.mark.parametrize("kept", [0, 4, 100, 5000, -1])
def test_file_cut_short_is_refused(saved: Path, kept: int) -> None:
    saved.write_bytes(saved.read_bytes()[:kept])
    assert "not a whole checkpoint" in sentence(saved)


def test_pickle_is_refused_and_not_executed(tmp_path: Path) -> None:
    trace = tmp_path / "executed"

    class Bomb:
        def __reduce__(self) -> tuple[Any, tuple[Path]]:
            return Path.touch, (trace,)

    plain, zipped = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    plain.write_bytes(pickle.dumps(Bomb()))
    torch.save({"weights": Bomb()}, zipped)
    for path in (plain, zipped, tmp_path):
        assert "not a whole checkpoint" in sentence(path)
    assert not trace.exists()
    pickle.loads(plain.read_bytes())  # noqa: S301 - the test's own bytes: the trap works when somebody steps on it
    assert trace.exists()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_file_with_nan_is_refused(tmp_path: Path, value: float) -> None:
    state = trainer("resnet").state()
    state["net.fc.weight"][0, 0] = value
    checkpoint.save(tmp_path / "c.safetensors", state, {})
    assert "net.fc.weight" in sentence(tmp_path / "c.safetensors")


def test_missing_file_is_named(tmp_path: Path) -> None:
    assert "There is no checkpoint" in sentence(tmp_path / "none.safetensors")


def without(state: State, name: str) -> State:
    return {key: tensor for key, tensor in state.items() if key != name}


OTHER_RUNS: dict[str, Callable[[], State]] = {
    "wider": lambda: trainer(NetSpec(depth=8, width=8, shortcut="B")).state(),
    "deeper": lambda: trainer(NetSpec(depth=14, width=4, shortcut="B")).state(),
    "no norm": lambda: trainer(NetSpec(depth=8, width=4, shortcut="B", norm="none")).state(),
    "densenet": lambda: trainer("densenet").state(),
    "other optimiser": lambda: trainer("resnet", optimizer="adamw").state(),
    "other batch": lambda: trainer("resnet", batch_size=8).state(),
    "no step": lambda: without(trainer("resnet").state(), "step"),
    "other type": lambda: trainer("resnet").state() | {"net.fc.weight": torch.zeros(10, 16, dtype=torch.int64)},
    "later step": lambda: trainer("resnet").state() | {"step": torch.tensor(9)},
}


@pytest.mark.parametrize("other", OTHER_RUNS)
def test_state_of_another_run_is_refused_and_changes_nothing(other: str) -> None:
    run = trainer("resnet")
    run.train_step()
    before = run.state()
    with pytest.raises(CheckpointError, match=r"^[^\n]*own spec\.$"):
        run.load_state(OTHER_RUNS[other]())
    after = run.state()
    assert all(torch.equal(after[name], before[name]) for name in before)


def test_disk_full_leaves_the_old_checkpoint(saved: Path) -> None:
    old = saved.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))  # the kernel refuses what is longer, as on a full disk
    try:
        with pytest.raises(CheckpointError, match="could not be written"):
            checkpoint.save(saved, trainer("densenet").state(), {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert saved.read_bytes() == old
    assert list(saved.parent.iterdir()) == [saved]


def test_name_that_is_taken_by_a_folder_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "c.safetensors").mkdir()
    with pytest.raises(CheckpointError, match="could not be written"):
        checkpoint.save(tmp_path / "c.safetensors", {"x": torch.zeros(1)}, {})
    assert [path.name for path in tmp_path.iterdir()] == ["c.safetensors"]


def test_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="could not be written"):
        checkpoint.save(tmp_path / "none" / "c.safetensors", {"x": torch.zeros(1)}, {})
