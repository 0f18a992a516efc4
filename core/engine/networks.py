"""Which trained nets this lab has: those that ship with it, and the checkpoints of its runs. No torch."""

from __future__ import annotations

from pathlib import Path

from core.engine.home import checkpoints, step_of
from core.engine.store import EngineError, Run, Store
from core.inspect import catalogue
from core.inspect.catalogue import Entry


def networks(store: Store) -> list[Entry]:
    """All that can be chosen: shipped nets, then runs with a checkpoint, the newest first."""
    runs = [entry for run in store.runs() if (entry := _of_run(store, run))]
    return [*catalogue.shipped(), *runs]


def find(ref: str, store: Store) -> Entry:
    """The net that a link or the command line names: a shipped one, a run (``id`` for its newest checkpoint, or
    ``id@step``), or the path of a checkpoint. Raises EngineError."""
    shipped = {entry.ref: entry for entry in catalogue.shipped()}
    if ref in shipped:
        return shipped[ref]
    if ref.endswith(catalogue.SUFFIX):
        return _of_file(Path(ref))
    run_id, _, step = ref.partition("@")
    run = store.run(run_id)
    entry = _of_run(store, run, step) if run else None
    if entry is None:
        raise EngineError(
            f'There is no trained net "{ref}": choose {", ".join(shipped)}, a run with a checkpoint, or a '
            f"{catalogue.SUFFIX} file."
        )
    return entry


def _of_run(store: Store, run: Run, step: str = "") -> Entry | None:
    """The run's newest checkpoint, or that of a step; None where there is none."""
    paths = {step_of(path): path for path in checkpoints(store.folder(run.id))}
    at = int(step) if step.isdecimal() else max(paths, default=-1)
    if at not in paths:
        return None
    evaluations = store.latest(run.id, "evaluation")
    return Entry(
        ref=f"{run.id}@{at}",
        title=f"{run.name} · run {run.id}, step {at:,}",
        path=paths[at],
        net=run.spec.net,
        test_accuracy=evaluations[0].payload["test_accuracy"] if evaluations else None,
        epochs=evaluations[0].payload["epoch"] if evaluations else 0,
    )


def _of_file(path: Path) -> Entry:
    try:
        return catalogue.of_file(path)
    except ValueError as error:
        raise EngineError(str(error)) from None
