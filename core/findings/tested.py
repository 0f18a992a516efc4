"""The last test that all runs have made after equally much training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from core.findings.clock import pictures_at
from core.findings.moment import Moment
from core.findings.seen import Seen, Tested

NEAR = 0.05  # by how much the pictures seen at two tests may differ where the data do


class Tests(NamedTuple):
    """One test a run, and when that was in words."""

    tests: list[Tested]
    when: str


def tests_at(runs: Sequence[Seen], moment: Moment) -> Tests | None:
    made = [_until(run, moment.of(run)) for run in runs]
    if not moment.clock.same_data:
        return _near(runs, made)
    epochs = [{test.epoch: test for test in tests} for tests in made]
    for test in reversed(made[0]):
        if all(test.epoch in each for each in epochs):
            return Tests([each[test.epoch] for each in epochs], f"after epoch {test.epoch}")
    return None


def _until(run: Seen, step: int | None) -> list[Tested]:
    limit = math.inf if step is None else step
    return [test for test in run.tests if test.step <= limit and math.isfinite(test.accuracy)]


def _near(runs: Sequence[Seen], made: Sequence[Sequence[Tested]]) -> Tests | None:
    seen = [[(test, pictures_at(run, test.step)) for test in tests] for run, tests in zip(runs, made, strict=True)]
    for _, pictures in reversed(seen[0]):
        near = [[test for test, other in tests if abs(other / pictures - 1) <= NEAR] for tests in seen]
        if all(near):
            return Tests([tests[-1] for tests in near], f"after about {pictures:,} pictures")
    return None
