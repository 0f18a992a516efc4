"""Why there is nothing to draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from core.findings.moment import begins
from core.findings.seen import Seen
from core.vocabulary.families import Kind


class Said(TypedDict):
    """What is said of a view."""

    finding: str
    instead: str  # of charts: why there is nothing to draw, else ""


NO_SHORTCUTS = "No shortcuts: everything passes through every layer"
WITHOUT_SHORTCUTS: dict[Kind, str] = {
    "plain": "A plain net has no shortcuts: everything passes through every layer, so there is nothing to compare. "
    "Switch skip connections on, or train the twin with skips, to see how much each block adds to what it passes on.",
    "vgg": "A VGG has no shortcuts: everything passes through every layer, so there is nothing to compare.",
    "densenet": "With skips off no layer sees more than the one before it, so there is no ledger of channels to show. "
    "Switch skip connections on, or train the twin with skips.",
}


def nothing_learnt(runs: Sequence[Seen]) -> str:
    """Instead of loss and accuracy; "" where some run has them."""
    if any(run.begun for run in runs):
        return ""
    if runs and all(run.state.ended for run in runs):
        return "Nothing to draw: no step was finished with a loss that is a number."
    return "The first steps will be drawn here as soon as they are taken."


def nothing_measured(runs: Sequence[Seen]) -> Said:
    """Instead of a measurement that is not there."""
    if runs and not any(run.recording.head.spec.probes.enabled for run in runs):
        return {
            "finding": "Nothing is measured in this run",
            "instead": "Watching is switched off in this run's settings: only loss and accuracy are reported.",
        }
    if any(run.looks for run in runs):
        return {
            "finding": "This was not measured in this run",
            "instead": "An older version of Depth Lab trained it, which did not measure this yet. Train it again to "
            "see it.",
        }
    if runs and all(run.state.ended for run in runs):
        return {
            "finding": "Nothing was measured in this run",
            "instead": "It ended before its first measurement.",
        }
    return {
        "finding": "Waiting for the first measurement",
        "instead": "The first measurement will be drawn here; it comes with the first step.",
    }


def not_yet(runs: Sequence[Seen]) -> Said:
    """Of runs that begin behind the step that is looked at."""
    return {
        "finding": "; ".join(map(begins, runs)),
        "instead": "At this step it is not there yet: it goes on from another run.",
    }


def no_shortcuts(runs: Sequence[Seen]) -> Said | None:
    """Where the first is of a kind that has none, or has them switched off."""
    reason = WITHOUT_SHORTCUTS.get(runs[0].recording.head.spec.net.kind) if runs else None
    return {"finding": NO_SHORTCUTS, "instead": reason} if reason else None
