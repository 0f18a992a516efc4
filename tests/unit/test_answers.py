"""How a page waits for the inference worker, and what it keeps of the answers."""

import numpy as np

from core.web.answers import Kept, _Stop, _Wait


class Place:
    """Remembers what was shown last, and is its own row and bar."""

    text: str | None = None
    share = 0.0
    buttons = 0

    def container(self, **_: object) -> "Place":
        return self

    def button(self, *_: object, **__: object) -> None:
        self.buttons += 1

    def progress(self, share: float, text: str) -> None:
        self.share, self.text = share, text

    def empty(self) -> "Place":
        self.text = None
        return self


def test_short_waits_are_not_shown() -> None:
    place = Place()
    _Wait(place, ["a"], _Stop("slot", ["key"]), None).show(0, 1, "working")
    assert place.text is None
    assert place.buttons == 0


def test_speed_and_time_left_after_the_first_answer() -> None:
    place = Place()
    wait = _Wait(place, ["first", "second", "third", "fourth"], _Stop("slot", ["key"]), (500, "pictures"))
    wait.started -= 10
    wait.show(1, 3, "waiting for 1 other")
    assert place.text == "second (2 of 4): waiting for 1 other …"
    wait.answered = 1
    wait.show(2, 2, "working")
    assert place.share == 0.5
    assert place.text == "third (3 of 4): working … 50 pictures/s, 20 s left"
    assert place.buttons == 1


def test_answers_not_used_for_longest_make_room_by_bytes() -> None:
    kept = Kept(9_000)
    for name in "abc":
        kept.put(name, {"maps": np.zeros(750, np.float32)})  # 3,000 bytes, and some for the rest
        kept.get("a")
    assert [name for name in "abc" if kept.get(name)] == ["a", "c"]
    assert kept.bytes <= 9_000
    kept.put("large", {"maps": np.zeros(10_000, np.float32)})
    assert kept.get("large")
    assert kept.get("a") is None
