"""What the page says that recordings are of."""

from __future__ import annotations

from core.web.train.recorded import title
from tests.unit.told_runs import FALLING, PLAIN, Told


def test_a_title_names_two_recordings_and_counts_more() -> None:
    found = [Told(PLAIN, losses=FALLING).recording("a"), Told(losses=FALLING).recording("b")]
    assert title(found) == "**Recordings** of plain-8 and ResNet-8"
    assert title([*found, Told(losses=FALLING, seed=1).recording("c")]) == "**Recordings** of 3 runs"
