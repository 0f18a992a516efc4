"""At which steps a run keeps the checkpoints of its film."""

from __future__ import annotations


def frames(total_steps: int, count: int) -> frozenset[int]:
    """At most ``count`` steps: 0, and the others evenly on a log axis from 1 to the last. None for no film.

    Where the axis asks for fractions of a step, several of them are one.
    """
    if not count:
        return frozenset()
    gaps = max(count - 2, 1)  # between the first step and the last
    return frozenset({0, *(round(total_steps ** (1 - gap / gaps)) for gap in range(count - 1))})
