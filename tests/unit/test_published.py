"""Recipes of the literature: what the paper's own numbers say, computed from ours."""

from __future__ import annotations

import pytest

from core.paper import reference
from core.spec.published import PUBLISHED
from core.train.schedule import SCHEDULES

PICTURES = 50_000  # of CIFAR-10's training set
HE = [name for name in PUBLISHED if "He 201" in name]


@pytest.mark.parametrize("name", PUBLISHED)
def test_it_takes_the_epochs_that_its_result_was_published_for(name: str) -> None:
    _, net, train, _ = PUBLISHED[name]
    found = reference(net.but(init="he"))
    assert found is not None
    if "plain" not in name:  # their result is another program's, by a recipe of its own
        assert train.epochs == found.epochs


@pytest.mark.parametrize("name", HE)
def test_the_rate_falls_at_32k_and_48k_of_64k_iterations(name: str) -> None:
    train = PUBLISHED[name].train
    steps = train.epoch(PICTURES).steps * train.epochs
    assert steps == pytest.approx(64_000, rel=0.003)
    rates = [train.lr * SCHEDULES[train.schedule](step, steps) for step in (31_900, 32_200, 47_900, 48_200)]
    assert rates == pytest.approx([0.1, 0.01, 0.01, 0.001])


def test_the_study_keeps_the_80_pictures_that_are_left_over() -> None:
    for name in ("SmallResNet with BN · the BN study", "SmallResNet without BN · the BN study"):
        _, net, train, _ = PUBLISHED[name]
        assert (net.init, train.schedule, train.schedule_by) == ("default", "cosine", "epoch")
        assert train.epoch(PICTURES).steps == 391
        assert train.epoch(PICTURES).remainder == 80
