"""How far runs came, for lists of them: from their tests and their last report alone, whatever else they said."""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from dataclasses import dataclass

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


def reached(store: Store, run_ids: Collection[str]) -> dict[str, Reached]:
    """How far each of these runs came; what a ``resumed`` voided is gone. Two questions to the store for all."""
    ids = json.dumps(list(run_ids))
    with store.database.reading() as database:
        tests = database.execute(
            "SELECT run, step, kind, payload FROM json_each(?) JOIN events ON run = value "
            "WHERE kind IN ('evaluation', 'resumed') ORDER BY run, seq",
            (ids,),
        ).fetchall()
        paces = database.execute(
            "SELECT value, (SELECT payload FROM events WHERE run = value AND kind = 'metrics' "
            "ORDER BY seq DESC LIMIT 1) FROM json_each(?)",
            (ids,),
        ).fetchall()
    speeds = {run: json.loads(text).get("images_per_second") for run, text in paces if text}
    found: dict[str, dict[int, tuple[int, float]]] = {run_id: {} for run_id in run_ids}  # by step
    for run, step, kind, text in tests:
        payload = json.loads(text)
        if kind == "resumed":
            since = payload.get("step", step)
            found[run] = {at: test for at, test in found[run].items() if at <= since}
        elif math.isfinite(payload["test_accuracy"]):
            found[run][step] = (payload["epoch"], payload["test_accuracy"])
    return {run: _reached([*tested.values()], speeds.get(run)) for run, tested in found.items()}


def _reached(tests: list[tuple[int, float]], speed: float | None) -> Reached:
    return Reached(tests[-1][0] if tests else 0, tuple(accuracy for _, accuracy in tests), speed)
