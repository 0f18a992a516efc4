"""``python -m core export``: a run's net as a small file of its own, with its accuracy and how to make it again."""

from __future__ import annotations

import shlex
from pathlib import Path

from core.cli.arguments import NET_FLAGS, TRAIN_FLAGS
from core.engine import client
from core.engine.home import checkpoints
from core.engine.store import EngineError
from core.spec import PRESETS, NetSpec, RunSpec, TrainSpec


def export(run_id: str, target: Path) -> None:
    """Write the net of the run's last checkpoint: weights and buffers, no optimiser state; the accuracy over the whole
    test set of the run's data is measured anew, in float32. Raises EngineError, DataError or CheckpointError."""
    from core.data.files import load  # these import torch: only for this command
    from core.inspect.predict import accuracy
    from core.inspect.trained import restore
    from core.train import checkpoint

    store = client.store()
    run = store.known(run_id)
    paths = checkpoints(store.folder(run.id))
    if not paths:
        raise EngineError(f"{run.name} has no checkpoint yet: choose another run.")
    state, meta = checkpoint.load(paths[-1])
    measured = accuracy(restore(paths[-1]), load(run.spec.train.data))
    weights = {name: tensor for name, tensor in state.items() if name.startswith("net.")}
    epochs = [event.payload["epoch"] for event in store.latest(run.id, "evaluation")]
    meta = {
        "step": meta["step"],
        "spec": run.spec.but(train=run.spec.train.but(data="DIR")).model_dump(mode="json"),
        "epochs": epochs[0] if epochs else 0,
        "test_accuracy": measured,
        "command": command(run.spec),
    }
    checkpoint.save(target, weights, meta)
    print(f"{target}: {run.name}, {measured:.2%} of the test pictures, {target.stat().st_size / 1e6:.2f} MB")


def command(spec: RunSpec) -> str:
    """What to type to train it again; DIR stands for the folder that holds CIFAR-10."""
    names = [name for name, known in PRESETS.items() if known == spec.net]
    words = ["python", "-m", "core", "train", *names[:1]]
    if not names:
        words += _changed(spec.net, NetSpec(), NET_FLAGS)
    words += ["--data", "DIR"] if spec.train.data != "sample" else []
    words += _changed(spec.train, TrainSpec(data=spec.train.data), TRAIN_FLAGS)
    return shlex.join([*words, "--seed", str(spec.train.seed)] if spec.train.seed == 0 else words)


def _changed(spec: NetSpec | TrainSpec, default: NetSpec | TrainSpec, flags: dict[str, dict[str, object]]) -> list[str]:
    words = []
    for name in flags:
        value = getattr(spec, name, None)
        if value != getattr(default, name, None):
            flag = name.replace("_", "-")
            words += (
                [f"--{flag}" if value is True else f"--no-{flag}"]
                if isinstance(value, bool)
                else [f"--{flag}", str(value)]
            )
    return words
