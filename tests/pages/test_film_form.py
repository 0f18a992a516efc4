"""What a film takes is said before the training, and it is part of what is submitted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.engine import client
from core.spec import RunSpec
from core.web.registry import TRAIN

Open = Callable[..., AppTest]


def test_a_film_is_chosen_in_the_form(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[RunSpec] = []

    def submitted(runs: list[RunSpec]) -> list[str]:
        made.extend(runs)
        return []

    monkeypatch.setattr(client, "submit_race", submitted)
    app = open_page(TRAIN, depth="20")
    assert not any("Film: " in each.value for each in app.caption)
    app.toggle(key="film").set_value(True).run()
    assert not app.exception
    # 60 checkpoints of 269,722 weights and as many velocities, of 4 bytes each
    assert "Film: up to 60 checkpoints, \u2248 129 MB on this disk." in [each.value for each in app.caption]
    app.button(key="train").click().run()
    assert [run.probes.film for run in made] == [60]
