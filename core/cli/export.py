"""``python -m core export`` and ``curves``: a run taken along, as its net, a script or numbers."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.answers import networks
from core.data.files import load
from core.engine import client
from core.inspect.catalogue import PRECISION, SUFFIX
from core.processes.torchless import check_torch
from core.publish import taken, tensorboard
from core.publish.forms import as_csv, as_json
from core.publish.whole import PublishError, write_folder, write_whole
from core.record import file
from core.record.recording import Recording
from core.spec.command import command, portable
from core.store import kept
from core.store.recordings import recording
from core.store.store import EngineError
from core.vocabulary.numbers import memory, percent


def export(typed: Namespace) -> None:
    """Write what the ending of the file, or a flag, asks for. Raises EngineError, DataError, WeightsError,
    RecordingError or PublishError."""
    target = typed.file
    if typed.tensorboard:
        files = tensorboard.files(taken.each_once(_recordings(typed)))
        write_folder(target, files)
        _say(typed, sum(map(len, files.values())))
    elif target.suffix == SUFFIX and not typed.script:
        check_torch()
        said = _net(typed.runs, target)
        print(json.dumps(said) if typed.json else said.pop("said"))
    elif typed.script or target.suffix in taken.FORMS:
        form = taken.SCRIPT if typed.script else taken.FORMS[target.suffix]
        content = form.content(_recordings(typed))
        write_whole(target, content)
        _say(typed, len(content))
    else:
        endings = ", ".join([SUFFIX, *taken.FORMS])
        raise PublishError(f'"{target}" does not say what is to be written: let it end in one of {endings}.')


def _recordings(typed: Namespace) -> list[Recording]:
    return [recording_of(ref) for ref in typed.runs]


def curves(typed: Namespace) -> None:
    """Print the numbers of runs as CSV or JSON. Raises EngineError or RecordingError."""
    found = taken.each_once(_recordings(typed))
    sys.stdout.write((as_json(found) if typed.json else as_csv(found)).decode())
    if typed.json:
        print()


def recording_of(ref: str) -> Recording:
    """That of a run in the store, or of a file. Raises EngineError or RecordingError."""
    if ref.endswith(file.SUFFIX):
        return file.read(Path(ref))
    store = client.store()
    return recording(store, store.known(ref))


def _say(typed: Namespace, size: int) -> None:
    said = {"file": str(typed.file), "runs": typed.runs, "bytes": size}
    print(json.dumps(said) if typed.json else f"{typed.file}: {memory(size)}")


def _net(refs: Sequence[str], target: Path) -> dict[str, Any]:
    """Write the net of a run's newest checkpoint (``id``), of its best epoch (``id@best``) or of another
    checkpoint (``id@step``): weights and buffers, no optimiser state. The accuracy over the whole test set of the run's
    data is measured anew, in float32. Raises EngineError, DataError or WeightsError."""
    if len(refs) != 1:
        raise PublishError(f"A file that ends in {SUFFIX} holds the net of one run, not {len(refs)}: name one.")
    store = client.store()
    run_id, _, which = refs[0].partition("@")
    run = store.known(run_id)
    entry = networks.of_run(run, which, store)
    assert entry.path
    chosen = kept.CHOSEN if which == networks.BEST else ""
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
    size = target.stat().st_size
    what = ", ".join(part for part in (run.name, chosen) if part)
    said = f"{target}: {what}, {percent(measured, 2)} of the test pictures in {PRECISION}, {size / 1e6:.2f} MB"
    return {"file": str(target), "run": run_id, "bytes": size, "test_accuracy": measured, "said": said}
