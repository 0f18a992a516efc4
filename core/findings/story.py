"""What happened in runs until a moment, and why it does: the events of a training that explain the curves."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, TypedDict, TypeVar

import numpy as np

from core.findings import cures
from core.findings.cures import Cure, cured
from core.findings.cut import LEFT, cut_of, guess, parent_of, since, taken_over
from core.findings.layers import layer_name, sorted_out, without_classifier
from core.findings.moment import Moment
from core.findings.reach import rows_in_words
from core.findings.seen import Look, Seen
from core.vocabulary.numbers import number, percent

EARLY = 100  # steps in which a loss that shoots up is one of the start
SHOT = 1.5  # times the loss of guessing
FAR = 100  # times the first layer's std, from which responses explode or die away
PUBLISHED = (
    " He et al. say the same of their plain nets with BN (2015, section 4.1): "
    "what makes them hard to train is something else."
)
APART = 2  # times, from which one layer's gradient is larger than another's

Found = TypeVar("Found")
Card = Literal["learns", "gradient", "signals", "flow"]


class Happening(TypedDict):
    """Something that happened in a run, and why; ``card`` is the view that shows it at that step."""

    step: int
    run: str  # its brief name; empty where it is shown alone
    id: str  # of the run
    text: str
    card: Card
    cure: Cure | None  # what to try against it, where nobody does yet


class Entry(NamedTuple):
    """A happening of a single run, as its chapter tells it."""

    step: int
    card: Card
    text: str
    cure: Cure | None = None


def story(runs: Sequence[Seen], moment: Moment) -> list[Happening]:
    """What happened until then, the earliest first."""
    specs = [run.recording.head.spec for run in runs]
    found: list[Happening] = []
    for run in runs:
        name = run.brief if len(runs) > 1 else ""
        until = moment.of(run)
        for step, card, text, cure in (*_of(run), *_since(run, runs, until), *_tests(run, until)):
            if until is None or step <= until:
                if cure and cured(run.recording.head.spec, cure) in specs:
                    cure = None
                found.append({"step": step, "run": name, "id": run.id, "text": text, "card": card, "cure": cure})
    return sorted(found, key=lambda happening: happening["step"])


Told = Iterator[Entry]


def _of(run: Seen) -> list[Entry]:
    """All that its chapters tell, worked out once, whoever asks at whichever moment."""
    if "story" not in run.derived:
        run.derived["story"] = [entry for chapter in CHAPTERS for entry in chapter(run)] if run.started else []
    told: list[Entry] = run.derived["story"]
    return told


def _shot_up(run: Seen) -> Told:
    """The first updates are too large for the weights as they were drawn (He 2015, section 4.2, for 110 layers)."""
    early = run.points.recent[run.points.steps <= EARLY]
    if cut_of(run) is not None or not len(early) or not np.isfinite(early).any():
        return
    worst = int(np.nanargmax(np.where(np.isfinite(early), early, np.nan)))
    if early[worst] > SHOT * guess(run):
        warm = run.recording.head.spec.train.warmup_steps
        longer = "A longer warm-up" if warm else "A warm-up of some hundred steps"
        yield Entry(
            int(run.points.steps[worst]),
            "learns",
            f"The loss rose to {number(early[worst])}, far above guessing ({guess(run):.2f}): the first steps are too "
            f"large for weights as they were drawn. {longer} begins with smaller ones.",
            cures.warm_up(run.recording.head.spec, run.started["total_steps"]),
        )


def _left_guessing(run: Seen) -> Told:
    below = np.flatnonzero(run.points.recent < LEFT * guess(run))
    if len(below) and not (cut_of(run) is not None and below[0] == 0):  # what it took over knew something already
        step, loss = int(run.points.steps[below[0]]), run.points.recent[below[0]]
        yield Entry(
            step,
            "learns",
            f"It left guessing: a training loss of {number(loss)}, where guessing has {guess(run):.2f}.",
        )


def _first(run: Seen, quantity: str, of: Callable[[list[float]], Found | None]) -> tuple[Look, Found] | None:
    """The first look in which something is found among a quantity's layers. A look is searched once, whoever asks."""
    for look in run.looks_of(quantity):
        known, name = look.event.derived, f"story of {quantity}"
        if name not in known:
            known[name] = of(without_classifier(look.values(quantity)))
        if known[name] is not None:
            return look, known[name]
    return None


def _went_dead(run: Seen) -> Told:
    """The first look at which every channel of a layer gave 0 for every picture."""
    if found := _first(run, "dead", lambda shares: shares.index(1) if 1 in shares else None):
        look, row = found
        yield Entry(look.step, "signals", _why_dead(run, look, row), cures.norm(run.recording.head.spec))


def _why_dead(run: Seen, look: Look, row: int) -> str:
    text = f"{layer_name(row, run.layers).capitalize()} answers 0 to every picture measured: "
    text += "a ReLU that gives 0 passes no gradient back"
    still = [index + 1 for index, value in enumerate(look.values("weight_grad")[: row + 1]) if value == 0]
    if still:
        text += f", so {rows_in_words(still, 'layer')} {'stand' if len(still) > 1 else 'stands'} still"
    if run.recording.head.spec.net.norm == "none":
        text += ". Batch norm centres what comes before each ReLU: train the twin with BN"
    return f"{text}."


class Away(NamedTuple):
    """Responses that left the first layer's range: where they are furthest, and by which factor."""

    how: Literal["grow", "shrink"]
    row: int
    times: float


def _away(stds: list[float]) -> Away | None:
    values = sorted_out(stds)
    if not values.known:
        return None
    first, high, low = values.known[0].value, values.high, values.low
    if high.value > FAR * first:
        return Away("grow", high.row, high.value / first)
    return Away("shrink", low.row, first / low.value) if low.value < first / FAR else None


def _ran_away(run: Seen) -> Told:
    """The first look at which responses are a hundred times those of the first layer, or a hundredth."""
    if found := _first(run, "std", _away):
        look, away = found
        when = "Before the first step already" if look.step == 0 else "By then"
        text = f"{when}, responses {away.how} {number(away.times)}-fold from the first layer to "
        text += layer_name(away.row, run.layers)
        if run.recording.head.spec.net.norm == "none":
            text += ": each layer multiplies what the one before did, and no norm brings it back"
        yield Entry(look.step, "signals", f"{text}.", cures.norm(run.recording.head.spec))


def _gradient_at_the_start(run: Seen) -> Told:
    """Of nets without shortcuts: whether anything vanishes before training."""
    net = run.recording.head.spec.net
    looks = run.looks_of("weight_grad")
    if net.skip or net.family == "vgg" or not looks or cut_of(run) is not None:
        return
    values = without_classifier(looks[0].values("weight_grad"))
    first, last = values[0], values[-1]
    if not (first > 0 and last > 0 and math.isfinite(first) and math.isfinite(last)):
        return
    if first > APART * last:
        text = f"At first the gradient does not vanish: in the first layer it is {number(first / last)} × that of the "
        text += "last convolution, though nothing skips a layer."
        text += PUBLISHED if net.norm != "none" else ""
        yield Entry(looks[0].step, "gradient", text, cures.skips(run.recording.head.spec))
    elif last > APART * first:
        text = f"At first the gradient fades on its way back: the first layer gets 1 part in {number(last / first)} of "
        text += "what the last convolution gets."
        yield Entry(looks[0].step, "gradient", text, cures.skips(run.recording.head.spec))


def _rates(run: Seen) -> Told:
    for event in run.recording.of_kind("control"):
        control = event.payload
        if control.get("first"):
            rate = number(float(control["applied"]))
            yield Entry(
                int(control["first"]),
                "learns",
                f"Somebody set the learning rate to {rate}: from here on the run differs from one that was left alone.",
            )


def _taken_over(run: Seen) -> Told:
    cut = cut_of(run)
    if cut is not None:
        yield Entry(cut, "learns", taken_over(run))


def _since(run: Seen, runs: Sequence[Seen], until: int | None) -> Told:
    """What a run came to beside the one that it goes on from."""
    parent = parent_of(run, runs)
    found = since(run, parent, until) if parent else None
    if found:
        yield Entry(found.step, "learns", found.text)


def _tests(run: Seen, until: int | None) -> Told:
    """The first test, and the best one until then where it is another."""
    known = [test for test in run.tests if math.isfinite(test.accuracy) and (until is None or test.step <= until)]
    if not known:
        return
    best = max(known, key=lambda test: test.accuracy)
    for test, what in {best: "Best test so far", known[0]: "First test"}.items():
        reached = percent(test.accuracy)
        yield Entry(test.step, "learns", f"{what}, after epoch {test.epoch}: {reached} of pictures that it never saw.")


def _ended(run: Seen) -> Told:
    end: Any = run.end
    if end is None or run.status != "diverged":
        return
    payload = end.payload
    text = f"It diverged: {payload.get('what') or 'a number was not finite any more'}"
    text = text if text.endswith(".") else f"{text}."
    yield Entry(end.step, "learns", text, cures.rate(run.recording.head.spec))


CHAPTERS: tuple[Callable[[Seen], Told], ...] = (
    _taken_over,
    _gradient_at_the_start,
    _ran_away,
    _went_dead,
    _shot_up,
    _left_guessing,
    _rates,
    _ended,
)
