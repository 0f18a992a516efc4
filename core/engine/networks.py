"""Which trained nets this lab has: those that ship with it, the checkpoints of its runs, and published ones. No torch.

Published weights may lie in the folder that $DEPTHLAB_WEIGHTS names, in torch's own cache, or in the lab.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from core.engine.home import checkpoints, step_of, weights
from core.engine.store import EngineError, Run, Store, StoredEvent
from core.folders import named
from core.inspect import catalogue, imagenet
from core.inspect.catalogue import Entry, WeightsError
from core.inspect.imagenet import PUBLISHED
from core.spec import shortened


def networks(store: Store) -> list[Entry]:
    """All that can be chosen: shipped nets; runs with a checkpoint, the newest first; ImageNet's, here or not yet."""
    newest = [(run, paths[-1]) for run in store.runs() if (paths := checkpoints(store.folder(run.id)))]
    evaluations = store.evaluations({run.id: step_of(path) for run, path in newest})
    runs = [_of_run(run, path, evaluations.get(run.id)) for run, path in newest]
    folders = weight_folders()
    published = [imagenet.entry(published, folders) for published in PUBLISHED.values()]
    return [*catalogue.shipped(), *runs, *published]


def find(ref: str, store: Store) -> Entry:
    """The net that a link or the command line names: a shipped one, a published one, a run (``id`` for its newest
    checkpoint, or ``id@step``), or the path of a checkpoint. Raises EngineError."""
    shipped = {entry.ref: entry for entry in catalogue.shipped()}
    if ref in shipped:
        return shipped[ref]
    if ref in PUBLISHED:
        return imagenet.entry(PUBLISHED[ref], weight_folders())
    if ref.endswith(catalogue.SUFFIX):
        return _of_path(Path(ref).absolute())
    run_id, _, step = ref.partition("@")
    run = store.run(run_id)
    path = _checkpoint(store, run, step) if run else None
    if run and path:
        return _of_run(run, path, store.evaluations({run.id: step_of(path)}).get(run.id))
    damaged = catalogue.SHIPPED / f"{ref}{catalogue.SUFFIX}"
    if damaged.parent == catalogue.SHIPPED and damaged.exists():
        return _of_path(damaged)
    raise EngineError(
        f'There is no trained net "{shortened(ref)}": choose {", ".join([*shipped, *PUBLISHED])}, a run with a '
        f"checkpoint, or a {catalogue.SUFFIX} file."
    )


def weight_folders() -> list[Path]:
    """Where published weights are looked for, in order."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "torch")
    torch_home = named(os.environ.get("TORCH_HOME") or cache)
    own = os.environ.get("DEPTHLAB_WEIGHTS")
    return [*([named(own)] if own else []), torch_home / "hub" / "checkpoints", weights()]


def _checkpoint(store: Store, run: Run, step: str) -> Path | None:
    """The run's newest checkpoint, or that of a step; None where there is none."""
    paths = {str(step_of(path)): path for path in checkpoints(store.folder(run.id))}
    return paths.get(step or next(reversed(paths), ""))


def _of_run(run: Run, path: Path, evaluation: StoredEvent | None) -> Entry:
    """The run at a checkpoint, and what its last evaluation up to there found."""
    known = evaluation.payload if evaluation else {}
    return Entry(
        ref=f"{run.id}@{step_of(path)}",
        title=f"{run.name} · run {run.id}, step {step_of(path):,}",
        path=path,
        net=run.spec.net,
        test_accuracy=known.get("test_accuracy"),
        precision=known.get("precision", ""),
        epochs=known.get("epoch", 0),
    )


def _of_path(path: Path) -> Entry:
    try:
        entry = catalogue.of_file(path)
    except WeightsError as error:
        raise EngineError(str(error)) from None
    return replace(entry, ref=str(path), title=f"{entry.title} · {path.name}")
