"""What the chosen nets say about the picture."""

from __future__ import annotations

from core.figures import predictions as figures
from core.figures.predictions import Drawn, Said
from core.inspect.catalogue import Entry
from core.record.answers import PREDICT, Prediction
from core.web.inspect import nets
from core.web.inspect.chosen import Chosen

TOP = 5  # of many classes


def ask(chosen: Chosen, outside: bool) -> Drawn | None:
    """What they say, drawn; None, and a sentence on the page, where there is no answer yet."""
    answers = chosen.ask(PREDICT, chosen.nets, "predict")
    if answers is None:
        return None
    said = [_said(*each) for each in zip(chosen.nets, answers, map(chosen.colour, chosen.nets), strict=True)]
    return figures.predictions(said, chosen.truth, outside)


def _said(net: Entry, answer: Prediction, colour: str) -> Said:
    if len(answer["classes"]) <= figures.ROWS:
        names, shares = answer["classes"], answer["probabilities"]
    else:
        top = answer["top"][:TOP]
        names, shares = [answer["classes"][number] for number in top], answer["probabilities"][top]
    return Said(nets.name(net), nets.note(net), net.net.kind, net.net.norm, names, shares, net.dataset, colour)
