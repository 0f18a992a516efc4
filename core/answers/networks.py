"""Which trained nets this lab has: those that ship with it, the checkpoints of its runs, and published ones. No torch.

Published weights may lie in the folder that $DEPTHLAB_WEIGHTS names, in torch's own cache, or in the lab.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from core.folders import named
from core.inspect import catalogue, imagenet
from core.inspect.catalogue import Entry, WeightsError
from core.inspect.imagenet import PUBLISHED
from core.spec import shortened
from core.spec.names import of_runs
from core.store import kept
from core.store.home import checkpoints, step_of, weights
from core.store.store import EngineError, Run, Store, StoredEvent
from core.vocabulary.datasets import name_of

BEST = "best"  # what a link calls the checkpoint of a run's best epoch, whichever step that is by now
Judged = Mapping[tuple[str, int], StoredEvent]  # by run and step: the last evaluation up to there


def networks(store: Store) -> list[Entry]:
    """All that can be chosen: shipped nets; runs with a checkpoint, the newest first, each with its best epoch where
    that is another one; ImageNet's, here or not yet."""
    kept_of = {run: paths for run in store.runs() if (paths := checkpoints(store.folder(run.id)))}
    judged = store.evaluations((run.id, step_of(path)) for run, paths in kept_of.items() for path in paths)
    called = zip(kept_of.items(), of_runs([*kept_of]).labels, strict=True)
    runs = [entry for (run, paths), label in called for entry in _of_run(run, label, paths, judged)]
    folders = weight_folders()
    published = [imagenet.entry(published, folders) for published in PUBLISHED.values()]
    return [*catalogue.shipped(), *runs, *published]


def find(ref: str, store: Store) -> Entry:
    """The net that a link or the command line names: a shipped one, a published one, a run (``id`` for its newest
    checkpoint, ``id@best`` for that of its best epoch, or ``id@step``), or the path of a checkpoint. Raises
    EngineError."""
    shipped = {entry.ref: entry for entry in catalogue.shipped()}
    if ref in shipped:
        return shipped[ref]
    if ref in PUBLISHED:
        return imagenet.entry(PUBLISHED[ref], weight_folders())
    if ref.endswith(catalogue.SUFFIX):
        return _of_path(Path(ref).absolute())
    run_id, _, which = ref.partition("@")
    if run := store.run(run_id):
        return of_run(run, which, store)
    damaged = catalogue.SHIPPED / f"{ref}{catalogue.SUFFIX}"
    if damaged.parent == catalogue.SHIPPED and damaged.exists():
        return _of_path(damaged)
    raise EngineError(
        f'There is no trained net "{shortened(ref)}": choose {", ".join([*shipped, *PUBLISHED])}, a run with a '
        f"checkpoint, or a {catalogue.SUFFIX} file."
    )


def of_run(run: Run, which: str, store: Store) -> Entry:
    """The run at its newest checkpoint (``which`` is empty), at that of its best epoch, or at that of a step. Raises
    EngineError where there is none."""
    paths = {str(step_of(path)): path for path in checkpoints(store.folder(run.id))}
    if not paths:
        raise EngineError(f"{run.name} has no checkpoint yet: choose another run.")
    judged = store.evaluations((run.id, int(step)) for step in paths)
    best = _best(run, list(paths.values()), judged)
    path = best if which == BEST else paths.get(which or next(reversed(paths)))
    if path is None and which == BEST:
        raise EngineError(
            f"None of {run.name}'s checkpoints was judged on the test set, as each is at the end of an epoch: "
            f"choose {run.id} for its newest."
        )
    if path is None:
        known = ", ".join(f"{run.id}@{step}" for step in [*paths, *[BEST] * bool(best)])
        raise EngineError(f'{run.name} has no checkpoint "{shortened(which)}": choose {known}.')
    return _entry(run, run.name, path, judged, which == BEST)


def weight_folders() -> list[Path]:
    """Where published weights are looked for, in order."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "torch")
    torch_home = named(os.environ.get("TORCH_HOME") or cache)
    own = os.environ.get("DEPTHLAB_WEIGHTS")
    return [*([named(own)] if own else []), torch_home / "hub" / "checkpoints", weights()]


def _of_run(run: Run, label: str, paths: Sequence[Path], judged: Judged) -> list[Entry]:
    """Its newest checkpoint, and that of its best epoch where it is another one."""
    found, best = [_entry(run, label, paths[-1], judged)], _best(run, paths, judged)
    return found if best in (None, paths[-1]) else [*found, _entry(run, label, best, judged, is_best=True)]


def _best(run: Run, paths: Sequence[Path], judged: Judged) -> Path | None:
    at = {step_of(path): judged.get((run.id, step_of(path))) for path in paths}
    return kept.best(paths, kept.scores(event for step, event in at.items() if event and event.step == step))


def _entry(run: Run, label: str, path: Path, judged: Judged, is_best: bool = False) -> Entry:
    """The run at a checkpoint, what it is called beside others, and what its last evaluation up to there found."""
    step = step_of(path)
    evaluation = judged.get((run.id, step))
    known = evaluation.payload if evaluation else {}
    name = f"{label} · run {run.id}"
    title = f"{name}, step {step:,}"
    return Entry(
        ref=f"{run.id}@{BEST if is_best else step}",
        name=name,
        title=f"{title}, {kept.CHOSEN}" if is_best else title,
        path=path,
        net=run.spec.net,
        classes=name_of(run.spec.train.data),
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
