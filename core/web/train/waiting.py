"""For what a run waits: for its turn, or for one of its race that is behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.processes.processor import slots
from core.spec.names import of_runs
from core.store.standing import holding
from core.store.store import Run, Store
from core.vocabulary.numbers import duration


def waits(store: Store, run: Run) -> str:
    """One sentence; empty where it waits for nothing, or will begin at once."""
    if run.status == "queued":
        return _in_the_queue(store, run)
    if run.status == "running" and run.waits_for:
        behind = store.run(run.waits_for)
        if behind and behind.active:
            return f"Waits for {_called([run, behind])[behind.id]}, which is at step {behind.step:,}."
    return ""


def _in_the_queue(store: Store, run: Run) -> str:
    queue = store.queue()
    groups = list(dict.fromkeys(other.group for other in queue))
    before = groups.index(run.group) if run.group in groups else 0
    held = holding(store)
    if len(held) + before < slots() or any(run.group == other.group for runs in held for other in runs):
        return ""
    ahead = [other for other in queue if other.group in groups[:before]]
    if not held:
        return f"Waits for {_runs(len(ahead))} before it." if ahead else ""
    names = _called([run, *(other for runs in held for other in runs)])
    holders = " or ".join(_holder(runs, names) for runs in held)
    if ahead:
        return f"Waits for {holders} to end, and for {_runs(len(ahead))} before it."
    left = min(_seconds_left(store, runs) for runs in held)
    return f"Waits for {holders} to end" + (f", in about {duration(left)}." if math.isfinite(left) else ".")


def _holder(runs: Sequence[Run], names: dict[str, str]) -> str:
    """What holds a slot, and how far the last of it is."""
    last = min(runs, key=lambda run: run.step)
    of = f" of {last.total_steps:,}" if last.total_steps else ""
    return f"{' and '.join(names[run.id] for run in runs)} (step {last.step:,}{of})"


def _seconds_left(store: Store, runs: Sequence[Run]) -> float:
    """By the speed that was measured last, until all of them are done; infinite where that is not known."""
    told = [store.latest(run.id, "metrics") for run in runs]
    if not all(told):
        return math.inf
    return max(float(event.payload["seconds_left"]) for event, *_ in told)


def _called(runs: Sequence[Run]) -> dict[str, str]:
    """What each is called, no two alike."""
    return {run.id: name for run, name in zip(runs, of_runs(runs).labels, strict=True)}


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"
