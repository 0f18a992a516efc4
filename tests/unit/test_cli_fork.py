"""fork as people type it: what it says before and after, and what it refuses."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from core.arith.surgery import surgery
from core.store.store import Store
from tests.commands import started

FIRST = Path(__file__).parents[1] / "labs" / "first"  # a run with checkpoints of steps 10 and 20
RUN = "1127-k8qpwty92k"


@pytest.mark.slow
def test_what_becomes_of_the_weights_is_said_before_and_after(home: Path) -> None:
    shutil.copytree(FIRST, home, dirs_exist_ok=True)
    environment = {**os.environ, "DEPTHLAB_HOME": str(home)}
    words = ("fork", RUN, "--at", 10, "--norm", "none", "--batch-size", 1000)
    told = started(*words, env=environment)
    assert told.returncode == 0, told.stderr
    store = Store(home)
    (child,) = [run for run in store.runs() if run.id != RUN]
    lines = told.stdout.splitlines()
    expected = surgery(store.known(RUN).spec.net, child.spec.net).said
    assert lines[: len(expected)] == list(expected)
    assert lines[len(expected) + 1].startswith(
        "The pictures come in the same order from the same place, 1,000 at a time"
    )
    [measured] = [line for line in lines if line.startswith("Evaluated on 256 training pictures, the loss is ")]
    assert measured.endswith(" at most.")
    assert (child.status, child.fork_step, child.step) == ("finished", 5, 10)
    events = [json.loads(line) for line in started(*words, "--json", env=environment).stdout.splitlines()]
    assert events[0]["kind"] == "started"
    assert events[0]["taken_over"]["said"] == list(expected)
