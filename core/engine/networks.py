"""Which trained nets this lab has: those that ship with it, the checkpoints of its runs, and published ones. No torch.

Published weights may lie in the folder that $DEPTHLAB_WEIGHTS names, in torch's own cache, or in the lab.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.engine.home import checkpoints, step_of, weights
from core.engine.store import EngineError, Run, Store
from core.folders import named
from core.inspect import catalogue, imagenet
from core.inspect.catalogue import Entry, WeightsError
from core.inspect.imagenet import PUBLISHED


def networks(store: Store) -> list[Entry]:
    """All that can be chosen: shipped nets; runs with a checkpoint, the newest first; ImageNet's, here or not yet."""
    runs = [entry for run in store.runs() if (entry := _of_run(store, run))]
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
    entry = _of_run(store, run, step) if run else None
    if entry is not None:
        return entry
    damaged = catalogue.SHIPPED / f"{ref}{catalogue.SUFFIX}"
    if damaged.parent == catalogue.SHIPPED and damaged.exists():
        return _of_path(damaged)
    raise EngineError(
        f'There is no trained net "{ref}": choose {", ".join([*shipped, *PUBLISHED])}, a run with a checkpoint, or a '
        f"{catalogue.SUFFIX} file."
    )


def weight_folders() -> list[Path]:
    """Where published weights are looked for, in order."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "torch")
    torch_home = named(os.environ.get("TORCH_HOME") or cache)
    own = os.environ.get("DEPTHLAB_WEIGHTS")
    return [*([named(own)] if own else []), torch_home / "hub" / "checkpoints", weights()]


def _of_run(store: Store, run: Run, step: str = "") -> Entry | None:
    """The run's newest checkpoint, or that of a step; None where there is none."""
    paths = {str(step_of(path)): path for path in checkpoints(store.folder(run.id))}
    step = step or next(reversed(paths), "")
    if step not in paths:
        return None
    evaluation = _evaluated(store, run, int(step))
    return Entry(
        ref=f"{run.id}@{step}",
        title=f"{run.name} · run {run.id}, step {int(step):,}",
        path=paths[step],
        net=run.spec.net,
        test_accuracy=evaluation.get("test_accuracy"),
        precision=evaluation.get("precision", ""),
        epochs=evaluation.get("epoch", 0),
    )


def _evaluated(store: Store, run: Run, step: int) -> dict[str, Any]:
    """What the run's last evaluation up to that step found; {} where there is none."""
    for count in (1, run.spec.train.epochs):  # nearly always it is the last one
        for event in store.latest(run.id, "evaluation", count):
            if event.step <= step:
                return event.payload
    return {}


def _of_path(path: Path) -> Entry:
    try:
        entry = catalogue.of_file(path)
    except WeightsError as error:
        raise EngineError(str(error)) from None
    return replace(entry, ref=str(path), title=f"{entry.title} · {path.name}")
