"""The X-rays that ship: all that the page opens with, as this machine finds them too, and short in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from core.answers.questions import answer_xray
from core.answers.warm import Nets
from core.check import never
from core.figures import stacks as together
from core.figures import xray as figures
from core.record.answers import NamedXRay, Request
from core.spec import NetSpec
from core.vocabulary.quantities import INITIAL
from core.web.xray import nets, shipped, stacks
from core.web.xray.opened import opened

FILES = opened()
CLOSE = 0.01  # by how much of it a number may differ on another processor, or with another number of threads
# a variance below it is rounding, where the biases keep the values themselves at some tenths
ROUNDED = {"stream_variance": float(np.finfo(np.float32).eps) ** 2}
MOST_WORDS = 12


def test_all_that_the_page_opens_with_is_there() -> None:
    for file, requests in FILES.items():
        origin, answers = shipped.find(file, requests)
        assert all(answers), f"{file}: write it anew with python -m core.cli.ship_xrays"
        assert origin
        assert origin.precision == "float32"
        assert origin.told().startswith("Measured by this project on ")


def test_a_field_that_a_spec_got_later_leaves_them_valid() -> None:
    request = dict(FILES[nets.THREE][0])
    request["net"] = {key: value for key, value in request["net"].items() if key != "width"}
    _, [answer] = shipped.find(nets.THREE, [request])
    assert answer


def test_what_was_never_written_is_measured_here() -> None:
    assert shipped.find("no-such-file", FILES[nets.THREE][:2]) == (None, [None, None])
    asked = FILES[nets.THREE][0] | {"seed": 5}
    assert shipped.find(nets.THREE, [asked]) == (None, [None])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "many"), [(nets.THREE, 3), (nets.DEPTHS, 1), (stacks.LINEAR, 2), (stacks.BLOCKWISE, 2)]
)
def test_this_machine_finds_the_same(file: str, many: int) -> None:
    agree(file, FILES[file][:many])


@pytest.mark.long
@pytest.mark.parametrize("file", FILES)
def test_this_machine_finds_all_of_them(file: str) -> None:
    agree(file, FILES[file])


def agree(file: str, requests: list[Request]) -> None:
    for request, known in zip(requests, shipped.find(file, requests)[1], strict=True):
        found: Any = answer_xray(request, Nets(0), never)
        for name in ("signal_grad", "weight_grad", "std", "stream_variance", "branch_ratio", "loss"):
            theirs: Any = known
            np.testing.assert_allclose(
                found[name],
                theirs[name],
                rtol=CLOSE,
                atol=ROUNDED.get(name, 0),
                err_msg=f"{found['name']}, {name}",
            )


def sentences() -> Iterator[str]:
    """All that the page says of what ships."""
    three = shipped.find(nets.THREE, FILES[nets.THREE])[1]
    specs = [NetSpec.make(**request["net"]) for request in FILES[nets.THREE]]
    for start in range(0, len(specs), 3):
        asked = zip(specs[start : start + 3], three[start : start + 3], strict=True)
        cases = [nets.case_of(net, answer) for net, answer in asked if answer]
        for at in INITIAL:
            yield figures.toward_input(cases, at)
            yield nets.verdict(cases, at)
            yield from (panel.finding for panel in figures.gradients(cases, at))
        for draw in (figures.spreads, figures.propagation, figures.dead, figures.ratios):
            yield from (panel.finding for panel in draw(cases))
    for init in nets.DRAWN:
        groups = nets.swept(init)
        requests = [nets.request(net, nets.SWEEP_IMAGES, 0) for group in groups for net in group]
        yield from told(nets.swept_over(groups, known(nets.DEPTHS, requests)))
    for file, blocks in ((stacks.LINEAR, False), (stacks.BLOCKWISE, True)):
        answers = known(file, FILES[file])
        for start in range(0, len(answers), 3):
            part = answers[start : start + 3]
            cases = [figures.Case(answer["name"], "#000000", "solid", answer, factor=0.5) for answer in part]
            yield from told(together.stacks(cases, blocks))
            yield from told(together.stack_spreads(cases, blocks))


def known(file: str, requests: list[Request]) -> list[NamedXRay]:
    return [answer for answer in shipped.find(file, requests)[1] if answer]


def told(drawn: together.Together) -> Iterator[str]:
    yield drawn.finding
    yield from drawn.of_each


def test_no_finding_has_more_than_twelve_words() -> None:
    said = list(sentences())
    assert len(said) > 500
    assert [sentence for sentence in said if len(sentence.split()) > MOST_WORDS] == []
