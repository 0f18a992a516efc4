"""The order in which test pictures are looked through for one that a net gets wrong."""

import pytest

from core.web.inspect.test_pictures import PIECE, pieces_after


@pytest.mark.parametrize("count", [1000, 10_000, 1200, 300])
@pytest.mark.parametrize("now", [0, 7, 499, 500, 299, -1])
def test_once_round_from_the_next_one(now: int, count: int) -> None:
    now %= count
    looked_at = [
        number for start, begin in pieces_after(now, count) for number in range(begin, min(start + PIECE, count))
    ]
    wanted = [(now + step) % count for step in range(1, count + 1)]
    assert list(dict.fromkeys(looked_at)) == wanted
