"""Learning rates that were set by hand and are in no checkpoint yet, because the process was killed before that."""

from __future__ import annotations

from typing import Any

from core.record.events import Event
from core.store.store import EVERY_EVENT, Store
from core.train.rate import Asked
from core.train.trainer import Trainer


def lost(store: Store, run_id: str, trainer: Trainer) -> list[Asked]:
    """What the trainer, restored, does not know: to be set again behind the steps where it was, or at once where the
    process was killed before it had set it. In the order of steps."""
    wishes: list[Asked] = []
    told: dict[str, Any] = {}
    told_at = 0.0
    for event in reversed(store.latest(run_id, "control", EVERY_EVENT)):
        if event.payload["command"] == "lr":
            told, told_at = event.payload, event.time
            if "first" in told:  # else it was refused
                wishes = _with(wishes, Asked(told["requested"], told["first"] - 1))
    last = store.last_command(run_id, "lr")
    rate = last.command.value if last and last.taken else None
    if last and rate and ((last.taken or 0.0) > told_at or rate != told.get("requested")):
        wishes = _with(wishes, Asked(rate, trainer.step))
    return [wish for wish in wishes if wish.since >= trainer.step and wish != trainer.asked]


def promise(rate: Asked, trainer: Trainer) -> Event:
    """Says what comes of a rate that will be set again."""
    outlook = rate.outlook(trainer.scheduled_lr, trainer.total_steps)
    return Event("control", trainer.step, {"command": "lr", "requested": rate.rate, "applied": rate.rate} | outlook)


def _with(wishes: list[Asked], wish: Asked) -> list[Asked]:
    """A later wish for an earlier step, which is trained again, takes the place of those behind it."""
    return [*(old for old in wishes if old.since < wish.since), wish]
