"""Which checkpoints of a run are kept: the newest, and that of its best epoch so far; and what is said about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from core.record.events import StoredEvent
from core.store.home import checkpoints, step_of

NEWEST = 2
CHOSEN = "its best epoch, chosen on the test set"  # said wherever it is offered: such a number flatters the net


def scores(evaluations: Iterable[StoredEvent]) -> dict[int, float]:
    """Test accuracy by step; of a step that was trained and judged again, what was said last."""
    ordered = sorted(evaluations, key=lambda event: event.seq)
    return {event.step: event.payload["test_accuracy"] for event in ordered}


def best(paths: Iterable[Path], accuracy: Mapping[int, float]) -> Path | None:
    """The checkpoint with the best test accuracy, the first of equals; None where none was judged."""
    judged = [path for path in sorted(paths, key=step_of) if step_of(path) in accuracy]
    return max(judged, key=lambda path: accuracy[step_of(path)], default=None)


def superfluous(folder: Path, step: int, accuracy: Mapping[int, float]) -> list[Path]:
    """Checkpoints, written up to that step, that need not be kept any more."""
    paths = [path for path in checkpoints(folder) if step_of(path) <= step]
    keep = {*paths[-NEWEST:], best(paths, accuracy)}
    return [path for path in paths if path not in keep]


def with_checkpoint(sentence: str, folder: Path, step: int) -> str:
    """The sentence about the end of a run that was at that step, and what is kept of it."""
    paths = checkpoints(folder)
    if paths:
        return f"{sentence.removesuffix('.')}; its checkpoint of step {step_of(paths[-1]):,} is kept."
    return f"{sentence.removesuffix('.')}; it has no checkpoint yet, so it would begin again." if step else sentence
