"""What a browser is told may be said of the runs that it shows, and which looks it draws at which moment.

It is worked out once for all who look at the same, and again when something happened.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock

from core.engine import client
from core.findings.group import Group
from core.findings.told import View
from core.record.recording import Recording
from core.spec import shortened
from core.spec.names import isolated
from core.store import notes
from core.store.notes import Note
from core.store.recordings import recording
from core.vocabulary.quantities import View as QuantityView
from core.vocabulary.quantities import of_view
from core.web.fields import listed
from core.web.roster import MOST_SHOWN
from core.web.train import opened
from core.web.train.view import MOST_DIGITS

KEPT = 16  # groups of runs that stay in memory
VIEWS = 64  # of a group: chosen steps and quantities whose answers stay as long as nothing happens


class QueryError(ValueError):
    """What was asked cannot be; the message is one sentence: what is wrong and what to do."""


class MissingError(QueryError):
    """A run that there is not."""


class _Group:
    """Runs that are shown together, as they were at the last look, and what was said of them."""

    def __init__(self, hidden: Sequence[str]) -> None:
        self.hidden = hidden
        self.lock = Lock()
        self.known: list[Recording] = []
        self.noted: list[Note] = []
        self.told: dict[View, str] = {}

    def answer(self, found: list[Recording], noted: list[Note], view: View) -> str:
        with self.lock:
            if len(found) != len(self.known) or any(new is not old for new, old in zip(found, self.known, strict=True)):
                self.known = found
                self.group = Group(found, self.hidden)
                self._mark(noted)
            elif noted != self.noted:
                self._mark(noted)
            if view not in self.told:
                if len(self.told) >= VIEWS:
                    self.told.clear()
                self.told[view] = json.dumps(self.group.findings(view), separators=(",", ":"))
            return self.told[view]

    def _mark(self, noted: list[Note]) -> None:
        """Take over what somebody noted of these runs."""
        self.noted, self.told = noted, {}
        at: dict[str, list[tuple[int, str]]] = {}
        for note in noted:
            at.setdefault(note.run, []).append((note.step, isolated(note.line)))
        self.group.mark(at)


_groups: OrderedDict[tuple[tuple[str, ...], frozenset[str]], _Group] = OrderedDict()
_lock = Lock()


def answer(query: Mapping[str, str]) -> str:
    """The JSON text of ``GET ./api/findings``. Raises QueryError."""
    ids = [run_id for run_id in query.get("runs", "").split(",") if run_id]
    if not 0 < len(ids) <= MOST_SHOWN:
        raise QueryError(f"runs= names {len(ids)} runs: name 1 to {MOST_SHOWN}, with commas between.")
    hidden = [run_id for run_id in query.get("hidden", "").split(",") if run_id]
    if not {*ids} - {*hidden}:
        raise QueryError("hidden= leaves no run to speak of: name one less.")
    view = _view(query)
    found = [_recording(run_id) for run_id in ids]
    noted = notes.of_runs(client.store(), ids)
    return _group((str(client.home()), *ids), hidden).answer(found, noted, view)


def _recording(run_id: str) -> Recording:
    if run_id.startswith(opened.MARK):
        found = opened.recording(run_id)
        if found is None:
            raise MissingError("This recording is not open any more: open its file once more.")
        return found
    run = client.run(run_id)
    if run is None:
        raise MissingError(f"There is no run {shortened(run_id)!r}.")
    return recording(client.store(), run)


def _view(query: Mapping[str, str]) -> View:
    """What is chosen to be seen; what is not said is as usual."""
    return View(
        step=_number(query, "step"),
        gradient=_chosen(query, "gradient", View.gradient),
        signals=_chosen(query, "signals", View.signals),
        flow=_chosen(query, "flow", View.flow),
        ledger=_number(query, "ledger") or View.ledger,
    )


def _chosen(query: Mapping[str, str], view: QuantityView, usual: str) -> str:
    name, options = query.get(view, usual), tuple(of_view(view))
    if name not in options:
        raise QueryError(f"{view}={shortened(name)!r} is no quantity of that view: choose {listed(options)}.")
    return name


def _number(query: Mapping[str, str], name: str) -> int | None:
    given = query.get(name)
    if given is None:
        return None
    if not (given.isdecimal() and len(given) <= MOST_DIGITS):
        raise QueryError(f"{name}={shortened(given)!r} is no number from 0: give one of at most {MOST_DIGITS} digits.")
    return int(given)


def _group(runs: tuple[str, ...], hidden: Sequence[str]) -> _Group:
    key = runs, frozenset(hidden)
    with _lock:
        group = _groups.setdefault(key, _Group(hidden))
        _groups.move_to_end(key)
        while len(_groups) > KEPT:
            _groups.popitem(last=False)
        return group
