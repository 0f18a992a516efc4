"""What runs came to, read for lists: test accuracies as they stand, and a speed that says something."""

from __future__ import annotations

from pathlib import Path

from core.record.events import Event
from core.spec import RunSpec
from core.store.identity import Identity
from core.store.reached import reached
from core.store.store import Store


def test_the_speed_of_a_run_that_has_ended_is_that_of_all_of_it(home: Path) -> None:
    store = Store(home)
    me = Identity.me()
    run = store.create_run(RunSpec(), owner="cli", holder=me)
    store.append(run, [Event("metrics", 10, {"images_per_second": 700.0, "seconds": 2.0})], me)
    assert reached(store, [run])[run].speed == 700
    store.append(run, [Event("finished", 10, {"images_per_second": 300.0})], me)
    assert reached(store, [run])[run].speed == 300
    store.close()
