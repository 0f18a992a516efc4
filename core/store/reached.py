"""How far runs came, for lists of them: from their tests and their last report alone, whatever else they said."""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from core.store.store import Store


@dataclass(frozen=True)
class Reached:
    """What a list says of a run."""

    epochs: int = 0  # tested, or 0
    accuracies: tuple[float, ...] = ()  # on the test set, after each epoch; shares of 1
    speed: float | None = None  # images per second, as last reported

    @property
    def accuracy(self) -> float | None:
        """After the last epoch that was tested."""
        return self.accuracies[-1] if self.accuracies else None


MOST_KNOWN = 50_000
_known: dict[tuple[Path, str], tuple[int, Reached]] = {}  # by home and run: up to which event, and how far it came


def reached(store: Store, run_ids: Collection[str]) -> dict[str, Reached]:
    """How far each of these runs came; what a ``resumed`` voided is gone. Only those are read that said something
    since they were last asked for."""
    with store.database.reading() as database:
        last: dict[str, int] = dict(
            database.execute(
                "SELECT value, (SELECT COALESCE(MAX(seq), 0) FROM events WHERE run = value) FROM json_each(?)",
                (json.dumps(list(run_ids)),),
            ).fetchall()
        )
    if len(_known) > MOST_KNOWN:
        _known.clear()
    news = [run_id for run_id in run_ids if _known.get((store.home, run_id), (-1,))[0] != last[run_id]]
    if news:
        _known.update({(store.home, run_id): (last[run_id], far) for run_id, far in _read(store, news).items()})
    return {run_id: _known[store.home, run_id][1] for run_id in run_ids}


def _read(store: Store, run_ids: Collection[str]) -> dict[str, Reached]:
    ids = (json.dumps(list(run_ids)),)
    with store.database.reading() as database:
        tests = database.execute(
            "SELECT run, seq, step, kind, payload FROM json_each(?) JOIN events ON run = value "
            "WHERE kind IN ('evaluation', 'resumed')",
            ids,
        ).fetchall()
        paces = database.execute(
            "SELECT value, (SELECT payload FROM events WHERE run = value "
            "AND kind IN ('metrics', 'finished', 'stopped') ORDER BY seq DESC LIMIT 1) FROM json_each(?)",
            ids,
        ).fetchall()
    speeds = {run: json.loads(text).get("images_per_second") for run, text in paces if text}
    found: dict[str, dict[int, tuple[int, float]]] = {run_id: {} for run_id in run_ids}  # by step
    for run, _, step, kind, text in sorted(tests):
        payload = json.loads(text)
        if kind == "resumed":
            since = payload.get("step", step)
            found[run] = {at: test for at, test in found[run].items() if at <= since}
        elif math.isfinite(payload["test_accuracy"]):
            found[run][step] = (payload["epoch"], payload["test_accuracy"])
    return {run: _reached([*tested.values()], speeds.get(run)) for run, tested in found.items()}


def _reached(tests: list[tuple[int, float]], speed: float | None) -> Reached:
    return Reached(tests[-1][0] if tests else 0, tuple(accuracy for _, accuracy in tests), speed)
