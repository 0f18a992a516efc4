"""Which checkpoints of a run are kept, and why; and what is said about them.

The newest are, that of its best epoch so far, those that somebody pinned, and those of its film.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.record.events import StoredEvent
from core.spec.film import frames
from core.store.home import checkpoints, step_of
from core.store.records import Run
from core.store.store import EVERY_EVENT, EngineError, Store

NEWEST = 2
CHOSEN = "its best epoch, chosen on the test set"  # said wherever it is offered: such a number flatters the net
Why = Literal["newest", "best", "pinned", "film"]


@dataclass(frozen=True)
class Kept:
    """A checkpoint that lies there, and what for."""

    path: Path
    step: int
    size: int  # bytes
    why: frozenset[Why]

    @property
    def spare(self) -> bool:
        """Whether the run itself could do without it."""
        return self.why <= {"pinned", "film"}


def scores(evaluations: Iterable[StoredEvent]) -> dict[int, float]:
    """Test accuracy by step; of a step that was trained and judged again, what was said last."""
    ordered = sorted(evaluations, key=lambda event: event.seq)
    return {event.step: event.payload["test_accuracy"] for event in ordered}


def best(paths: Iterable[Path], accuracy: Mapping[int, float]) -> Path | None:
    """The checkpoint with the best test accuracy, the first of equals; None where none was judged."""
    judged = [path for path in sorted(paths, key=step_of) if step_of(path) in accuracy]
    return max(judged, key=lambda path: accuracy[step_of(path)], default=None)


def superfluous(
    folder: Path, step: int, accuracy: Mapping[int, float], spared: Collection[int] = frozenset()
) -> list[Path]:
    """Checkpoints, written up to that step, that need not be kept any more. Those of the steps ``spared`` stay."""
    paths = [path for path in checkpoints(folder) if step_of(path) <= step]
    keep = {*paths[-NEWEST:], best(paths, accuracy)}
    return [path for path in paths if path not in keep and step_of(path) not in spared]


def thin(store: Store, run: Run, step: int, accuracy: Mapping[int, float], film: Collection[int]) -> None:
    """Remove what is superfluous at that step. ``film`` are the steps of the run's film.

    What somebody pins meanwhile is pinned before that, or finds nothing to be pinned.
    """
    if not superfluous(store.folder(run.id), step, accuracy, film):
        return
    with store.database.writing() as database:
        pins = {pin for (pin,) in database.execute("SELECT step FROM pins WHERE run = ?", (run.id,)).fetchall()}
        for path in superfluous(store.folder(run.id), step, accuracy, {*film, *pins}):
            path.unlink(missing_ok=True)


def pin(store: Store, run_id: str, step: int) -> None:
    """Keep that checkpoint for as long as its run. Raises EngineError where there is none of that step."""
    run = store.known(run_id)
    with store.database.writing() as database:
        there = [step_of(path) for path in checkpoints(store.folder(run_id))]
        if step not in there:
            raise EngineError(_none_of(run, step, there))
        database.execute("INSERT OR IGNORE INTO pins (run, step) VALUES (?, ?)", (run_id, step))


def unpin(store: Store, run_id: str, step: int) -> None:
    """Let a checkpoint go that was pinned: it is removed where nothing else keeps it. Raises EngineError where it was
    not pinned."""
    run = store.known(run_id)
    with store.database.writing() as database:
        if not database.execute("DELETE FROM pins WHERE run = ? AND step = ?", (run_id, step)).rowcount:
            pins = sorted(pinned(store, run_id))
            raise EngineError(
                f"Step {step:,} of {run.name} is not pinned: {_choose(pins) or 'there is nothing to do'}."
            )
    if not run.active:  # else its process does it with its next checkpoint
        thin(store, run, run.step, accuracy_of(store, run_id), film_of(run))


def cut(store: Store, run_id: str) -> int:
    """Remove the film of a run that has ended, but for what else is kept of it; bytes freed. Raises EngineError."""
    run = store.known(run_id)
    if run.active:
        raise EngineError(f"{run.name} is {run.status} and still adds to its film: stop it first.")
    before = sum(each.size for each in listed(store, run))
    thin(store, run, run.step, accuracy_of(store, run_id), ())
    return before - sum(each.size for each in listed(store, run))


def listed(store: Store, run: Run) -> list[Kept]:
    """What is kept of a run, the oldest first."""
    sizes = {path: size for path in checkpoints(store.folder(run.id)) if (size := _size(path))}
    paths = [*sizes]
    chosen, pins, film = best(paths, accuracy_of(store, run.id)), pinned(store, run.id), film_of(run)
    found = []
    for path, size in sizes.items():
        step = step_of(path)
        reasons: dict[Why, bool] = {
            "newest": path in paths[-NEWEST:],
            "best": path == chosen,
            "pinned": step in pins,
            "film": step in film,
        }
        why = frozenset(reason for reason, holds in reasons.items() if holds)
        found.append(Kept(path, step, size, why))
    return found


def pinned(store: Store, run_id: str) -> frozenset[int]:
    """Steps of the checkpoints that somebody pinned."""
    with store.database.reading() as database:
        rows = database.execute("SELECT step FROM pins WHERE run = ?", (run_id,)).fetchall()
    return frozenset(step for (step,) in rows)


def film_of(run: Run) -> frozenset[int]:
    """Steps of its film."""
    return frames(run.total_steps, run.spec.probes.film) if run.total_steps else frozenset()


def accuracy_of(store: Store, run_id: str) -> dict[int, float]:
    """As :func:`scores`, of all that the run has said."""
    return scores(store.latest(run_id, "evaluation", EVERY_EVENT))


def with_checkpoint(sentence: str, folder: Path, step: int) -> str:
    """The sentence about the end of a run that was at that step, and what is kept of it."""
    paths = checkpoints(folder)
    if paths:
        return f"{sentence.removesuffix('.')}; its checkpoint of step {step_of(paths[-1]):,} is kept."
    return f"{sentence.removesuffix('.')}; it has no checkpoint yet, so it would begin again." if step else sentence


def _size(path: Path) -> int:
    """0 where it is gone meanwhile."""
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _none_of(run: Run, step: int, there: list[int]) -> str:
    return f"{run.name} has no checkpoint of step {step:,}: {_choose(there) or 'let it train for a while'}."


def _choose(steps: Collection[int]) -> str:
    return f"choose {'one of ' * (len(steps) > 1)}{', '.join(f'{step:,}' for step in steps)}" if steps else ""
