"""All that is said of runs at a moment, view by view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from core.findings.cut import beginnings
from core.findings.flow import branch_finding, ledger_finding
from core.findings.gradient import gradient_finding
from core.findings.learn import learn_finding
from core.findings.moment import Measured, Moment, measured_at
from core.findings.nothing import Said, no_shortcuts, not_yet, nothing_learnt, nothing_measured
from core.findings.seen import Seen
from core.findings.signals import signals_finding
from core.findings.together import Band


@dataclass(frozen=True)
class View:
    """What a viewer has chosen to see; the step is one of the longest run, None: the newest."""

    step: int | None = None
    gradient: str = "weight_grad"
    signals: str = "histogram"
    flow: str = "branch_ratio"  # where there are both
    ledger: int = 0  # of which of the nets that have one


class Sentences(TypedDict):
    """By view."""

    learns: Said
    gradient: Said
    signals: Said
    flow: Said


@dataclass(frozen=True)
class Teller:
    """Says what may be said of runs at a moment; ``also``: what differs between them and their names do not say;
    ``bands``: which of them are seeds that are drawn as one."""

    runs: Sequence[Seen]
    moment: Moment
    view: View
    also: Sequence[str] = ()
    bands: Sequence[Band] = ()

    def sentences(self) -> Sentences:
        return {"learns": self.learns(), "gradient": self.gradient(), "signals": self.signals(), "flow": self.flow()}

    def learns(self) -> Said:
        return {
            "finding": learn_finding(self.runs, self.moment, self.also, self.bands) + beginnings(self.runs),
            "instead": nothing_learnt(self.runs),
        }

    def gradient(self) -> Said:
        quantity = self.view.gradient
        shown = measured_at(self.runs, self.moment, quantity)
        if not shown:
            return self._nothing(self.runs)
        led = self._leading(shown)
        return self._drawn(shown, led, gradient_finding(led, quantity, self.moment, self.also, self._several))

    def signals(self) -> Said:
        shown = measured_at(self.runs, self.moment, self.view.signals)
        if not shown:
            return self._nothing(self.runs)
        led = self._leading(shown)
        return self._drawn(shown, led, signals_finding(led, self.moment, self.also, self._several))

    def flow(self) -> Said:
        """Of blocks where there are some, and of a ledger where that is wanted, or all there is."""
        begun = [run for run in self.runs if run.started]
        residual, dense = [run for run in begun if run.blocks], [run for run in begun if run.ledger]
        if dense and (self.view.flow == "weight_share" or not residual):
            return self._of_ledger(dense[min(self.view.ledger, len(dense) - 1)])
        if residual:
            shown = measured_at(residual, self.moment, "branch_ratio")
            if not shown:
                return self._nothing(residual)
            led = self._leading(shown)
            return self._drawn(shown, led, branch_finding(led, self.moment, self.also, self._several))
        return no_shortcuts(begun) or self._nothing(self.runs)

    def _of_ledger(self, run: Seen) -> Said:
        look = next((look for _, look in measured_at([run], self.moment, "weight_share")), None)
        return self._drawn([], [], ledger_finding(run, look, self.moment, self._several))

    def _leading(self, shown: Sequence[Measured]) -> list[Measured]:
        """One seed of each band, as its map is drawn of one: a sentence that names all of them cannot be read."""
        band_of = {run_id: number for number, band in enumerate(self.bands) for run_id in band["runs"]}
        firsts: dict[str | int, Measured] = {}
        for each in shown:
            firsts.setdefault(band_of.get(each.run.id, each.run.id), each)
        return list(firsts.values())

    def _drawn(self, shown: Sequence[Measured], led: Sequence[Measured], finding: str) -> Said:
        """A finding of what is drawn, with where those began that are set beside each other."""
        of = "; one seed of each band" if len(led) < len(shown) else ""
        return {"finding": finding + of + beginnings([run for run, _ in led]), "instead": ""}

    def _nothing(self, runs: Sequence[Seen]) -> Said:
        """Why none of these is drawn."""
        return not_yet(runs) if all(run in self.moment.later for run in runs) else nothing_measured(runs)

    @property
    def _several(self) -> bool:
        return len(self.runs) > 1


def by_hand(runs: Sequence[Seen]) -> list[str]:
    """A rate that somebody set while a run went on is in no spec, and is a difference all the same."""
    return ["a rate set by hand"] if len({run.rate_set for run in runs}) > 1 else []
