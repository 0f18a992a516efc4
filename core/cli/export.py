"""``python -m core export``: a run's net as a small file of its own, with its accuracy and how to make it again."""

from __future__ import annotations

from pathlib import Path

from core.answers import networks
from core.data.files import load
from core.engine import client
from core.inspect.catalogue import PRECISION, SUFFIX
from core.spec.command import command, portable
from core.store import kept
from core.store.store import EngineError
from core.vocabulary.numbers import percent


def export(ref: str, target: Path) -> None:
    """Write the net of a run's newest checkpoint (``ref`` is its id), of its best epoch (``id@best``) or of another
    checkpoint (``id@step``): weights and buffers, no optimiser state. The accuracy over the whole test set of the run's
    data is measured anew, in float32. Raises EngineError, DataError or WeightsError."""
    store = client.store()
    run_id, _, which = ref.partition("@")
    run = store.known(run_id)
    entry = networks.of_run(run, which, store)
    assert entry.path
    chosen = kept.CHOSEN if which == networks.BEST else ""
    if target.suffix != SUFFIX:
        raise EngineError(f"{target} is not the name of a checkpoint: let it end in {SUFFIX}.")
    if not target.parent.is_dir():
        raise EngineError(f"There is no folder {target.parent} to write into: make it or choose another one.")
    from core.inspect.predict import accuracy  # these import torch: only once there is something to do
    from core.inspect.trained import restore
    from core.train import checkpoint

    try:
        state, meta = checkpoint.load(entry.path)
        measured = accuracy(restore(entry.path), load(run.spec.train.data))
        weights = {name: tensor for name, tensor in state.items() if name.startswith("net.")}
        meta = {
            "step": meta["step"],
            "spec": portable(run.spec).model_dump(mode="json"),
            "epochs": entry.epochs,
            "test_accuracy": measured,
            "precision": PRECISION,
            "chosen": chosen,
            "command": command(run.spec),
        }
        checkpoint.save(target, weights, meta)
    except checkpoint.CheckpointError as error:
        raise EngineError(str(error)) from None
    size = f"{target.stat().st_size / 1e6:.2f} MB"
    what = ", ".join(part for part in (run.name, chosen) if part)
    print(f"{target}: {what}, {percent(measured, 2)} of the test pictures in {PRECISION}, {size}")
