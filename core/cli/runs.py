"""``python -m core runs``, ``annotate``, ``notes`` and ``delete``: the lab's runs, found, named and thrown away."""

from __future__ import annotations

import json
import time
from argparse import Namespace
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from core.cli.output import printable
from core.engine import client
from core.spec import SpecError, shortened
from core.spec.names import of_runs, unmarked
from core.store import annotating, bin, kept
from core.store import notes as pinned
from core.store.reached import Reached, reached
from core.store.records import Run
from core.store.search import read_query
from core.store.store import EVERY_RUN
from core.vocabulary.numbers import NONE, ago, memory, percent


def runs(typed: Namespace) -> int:
    """List what the query finds, the newest first. Raises SpecError or EngineError."""
    store = client.store()
    query = read_query(" ".join(typed.query))
    known = store.binned() if typed.bin else client.runs(limit=EVERY_RUN)
    far = reached(store, [run.id for run in known])
    found = [run for run in known if query.finds(run, far[run.id])][: typed.limit]
    if typed.json:
        _print_lines(_told(run, far[run.id]) for run in found)
        return 0
    if not found:
        print("No run is found." if known else "The bin is empty." if typed.bin else "There is no run yet.")
    names = [unmarked(name) for name in of_runs(found).labels]
    width = min(40, max(map(len, names), default=0))
    for run, name in zip(found, names, strict=True):
        print(printable(f"{run.id}  {run.status:8}  {name:{width}}  {_far(run, far[run.id])}").rstrip())
    return 0


def annotate(typed: Namespace) -> int:
    """Write on runs what was typed. Raises SpecError or EngineError."""
    store = client.store()
    written = (typed.title, typed.note, typed.erase)
    if all(each is None for each in written) and not (typed.tag or typed.untag or typed.pin or typed.unpin):
        raise SpecError("Nothing is to be written: give --title, --note, --tag, --untag, --pin, --unpin or --erase.")
    if typed.note is None and typed.at is not None:
        raise SpecError(f"Nothing is to be written at step {typed.at:,}: give --note too.")
    if typed.at is None and typed.layer:
        raise SpecError(f'A note at the layer "{shortened(typed.layer)}" needs a step: give --at too.')
    known = [store.known(run_id) for run_id in typed.runs]
    for run in known:
        tags = annotating.changed(run.tags, typed.tag, typed.untag)
        own = typed.note if typed.at is None else None
        annotating.annotate(store, run.id, title=typed.title, note=own, tags=tags)
        if typed.at is not None:
            pinned.write(store, run.id, typed.at, typed.note, typed.layer)
        for step in typed.pin:
            kept.pin(store, run.id, step)
        for step in typed.unpin:
            kept.unpin(store, run.id, step)
    if typed.erase is not None:
        pinned.erase(store, [run.id for run in known], typed.erase)
    _say([store.known(run.id) for run in known], typed.json, "is written")
    return 0


def notes(typed: Namespace) -> int:
    """The notes pinned at steps of runs. Raises EngineError."""
    store = client.store()
    known = [store.known(run_id).id for run_id in typed.runs]
    found = pinned.of_runs(store, known)
    if typed.json:
        _print_lines(map(asdict, found))
        return 0
    if not found:
        print("No note is pinned there yet.")
    for note in found:
        print(printable(f"{note.id:>4}  {note.run}  step {note.step:,}  {note.line}"))
    return 0


def delete(typed: Namespace) -> int:
    """Put runs into the bin, take them out of it, or empty it. Raises SpecError or EngineError."""
    store = client.store()
    if typed.empty:
        if typed.runs:
            raise SpecError("The bin is emptied as a whole: give --empty alone.")
        count, freed = bin.empty_now(store)
        print(json.dumps({"removed": count, "bytes": freed}) if typed.json else _emptied(count, freed))
        return 0
    if not typed.runs:
        raise SpecError("No run was named: name some by their ids, which python -m core runs lists.")
    if typed.undo:
        bin.put_back(store, typed.runs)
        _say([store.known(run_id) for run_id in typed.runs], typed.json, "is back")
        return 0
    bin.delete(store, typed.runs)
    lying = {run.id: run for run in store.binned()}
    _say(
        [lying[run_id] for run_id in dict.fromkeys(typed.runs)],
        typed.json,
        "lies in the bin for 24 hours; --undo puts it back",
    )
    return 0


def _emptied(count: int, freed: int) -> str:
    return f"{count} {'run is' if count == 1 else 'runs are'} gone for good: {memory(freed)} are free."


def _far(run: Run, far: Reached) -> str:
    """How far it came, and what is written on it."""
    accuracy = NONE if far.accuracy is None else percent(far.accuracy)
    tags = " ".join(f"#{tag}" for tag in run.tags)
    parts = (f"{far.epochs}/{run.spec.train.epochs} epochs", accuracy, ago(run.created, time.time()), tags, run.note)
    return "  ".join(part for part in parts if part)


def _told(run: Run, far: Reached | None = None) -> dict[str, Any]:
    """A run as programs read it."""
    told = {
        "id": run.id,
        "name": run.name,
        "title": run.title,
        "net": run.net_name,
        "status": run.status,
        "message": run.message,
        "step": run.step,
        "total_steps": run.total_steps,
        "created": run.created,
        "note": run.note,
        "tags": run.tags,
        "pins": sorted(kept.pinned(client.store(), run.id)),
        "deleted": run.deleted,
        "spec": run.spec.model_dump(mode="json"),
    }
    if far:
        told |= {"epochs": far.epochs, "test_accuracy": far.accuracy, "images_per_second": far.speed}
    return told


def _say(runs: Sequence[Run], as_json: bool, what: str) -> None:
    if as_json:
        _print_lines(map(_told, runs))
        return
    for run in runs:
        print(printable(f"{run.id}  {run.name}  {what}"))


def _print_lines(objects: Iterable[dict[str, Any]]) -> None:
    for each in objects:
        print(json.dumps(each))
