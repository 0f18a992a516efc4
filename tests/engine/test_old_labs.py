"""What an earlier version wrote still opens: store, events, checkpoints, and a run that goes on.

``tests/labs/first`` was written before checkpoints had a format number, by ``python -m core train --family resnet
--depth 8 --width 2 --epochs 2 --batch-size 500 --threads 1 --precision float32 --device cpu``.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from core.data.files import load as load_data
from core.inspect.predict import accuracy
from core.inspect.trained import restore
from core.record import file
from core.store.home import checkpoints
from core.store.recordings import recording
from core.store.store import Store
from core.train.checkpoint import load
from core.train.trainer import Trainer

FIRST = Path(__file__).parents[1] / "labs" / "first"
RUN = "1127-k8qpwty92k"
ACCURACY = (0.112, 0.124)  # on the test pictures after each epoch, as its events say


@pytest.fixture
def lab(tmp_path: Path) -> Store:
    shutil.copytree(FIRST, tmp_path / "lab")
    return Store(tmp_path / "lab")


def test_its_runs_and_events_are_read(lab: Store) -> None:
    (run,) = lab.runs()
    assert (run.id, run.name, run.status, run.step, run.total_steps) == (RUN, "ResNet-8 ×0.125", "finished", 20, 20)
    assert run.spec.train.warmup_steps == 0  # it says that it has none, in epochs
    found = recording(lab, run)
    assert [event.payload["test_accuracy"] for event in found.of_kind("evaluation")] == pytest.approx(ACCURACY)
    metrics = found.last("metrics")
    assert metrics is not None
    assert metrics["steps"].tolist() == list(range(1, 21))
    (probe,) = found.of_kind("probe")
    assert probe.payload["histogram"].sum(1)[-1] == 32 * 10  # the classifier answers 32 probe pictures
    assert file.from_bytes(file.to_bytes(found), "x").head == found.head


def test_its_net_says_what_it_said(lab: Store) -> None:
    paths = checkpoints(lab.folder(RUN))
    assert [path.name for path in paths] == ["checkpoint-10.safetensors", "checkpoint-20.safetensors"]
    for path, expected in zip(paths, ACCURACY, strict=True):
        assert accuracy(restore(path), load_data("sample")) == pytest.approx(expected, abs=0.002)


def test_its_run_goes_on_from_a_checkpoint_to_where_it_came(lab: Store) -> None:
    run = lab.known(RUN)
    early, late = (load(path)[0] for path in checkpoints(lab.folder(RUN)))
    trainer = Trainer(run.spec, load_data("sample"))
    trainer.load_state(early)
    assert trainer.step == 10
    while trainer.step < trainer.total_steps:
        trainer.train_step()
    for name, tensor in trainer.state().items():
        if name.startswith("net.") and tensor.is_floating_point():
            np.testing.assert_allclose(tensor.numpy(), late[name].numpy(), rtol=1e-3, atol=1e-4)


def test_a_checkpoint_without_a_tensor_that_was_added_is_read(lab: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    class Later(Trainer):
        def tensors(self) -> dict[str, torch.Tensor]:
            return super().tensors() | {"added": torch.full((3,), 7.0)}

    early, _ = load(checkpoints(lab.folder(RUN))[0])
    later = Later(lab.known(RUN).spec, load_data("sample"))
    with pytest.raises(ValueError, match="added differs"):
        later.load_state(early)
    monkeypatch.setattr("core.train.trainer.ADDED", ("added",))
    later.load_state(early)
    assert later.step == 10


def test_a_newer_checkpoint_is_refused_in_a_sentence(tmp_path: Path) -> None:
    import torch

    from core.train import checkpoint

    checkpoint.save(tmp_path / "new.safetensors", {"x": torch.zeros(1)}, {"format": 99})
    with pytest.raises(checkpoint.CheckpointError, match="newer version of Depth Lab: update this one"):
        checkpoint.load(tmp_path / "new.safetensors")


def test_the_lab_itself_was_not_touched() -> None:
    with sqlite3.connect(f"file:{FIRST / 'lab.db'}?mode=ro&immutable=1", uri=True) as database:
        assert database.execute("SELECT COUNT(*) FROM events").fetchone() == (27,)
