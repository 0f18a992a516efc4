"""A real run beside real neighbours: its number of threads comes down, and is said."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.store.home import ROOT

PATIENCE = 120.0  # s: far more than it takes, so that only what never happens fails
TRAIN = ["smallresnet", "--epochs", "10000", "--no-probes", "--device", "cpu", "--precision", "float32", "--json"]


@pytest.mark.long
def test_beside_programs_that_keep_all_cores_busy_a_run_comes_down_to_one_thread(home: Path) -> None:
    neighbours = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    run = subprocess.Popen(
        [sys.executable, "-m", "core", "train", *TRAIN],
        cwd=ROOT,
        env={**os.environ, "DEPTHLAB_HOME": str(home), "OMP_NUM_THREADS": "2"},
        stdout=subprocess.PIPE,
        text=True,
    )
    guard = threading.Timer(PATIENCE, run.kill)
    guard.start()
    try:
        assert run.stdout is not None
        events = (json.loads(line) for line in run.stdout)
        assert next(events)["threads"] == 2
        change = next((event for event in events if event["kind"] == "threads"), None)
        assert change is not None, f"no change within {PATIENCE:g} s"
        assert (change["before"], change["threads"]) == (2, 1)
        assert "busy" in change["why"]
        run.send_signal(signal.SIGTERM)
        assert [event["status"] for event in events if event["kind"] == "summary"] == ["stopped"]
    finally:
        guard.cancel()
        run.kill()
        run.communicate()
        for neighbour in neighbours:
            neighbour.kill()
            neighbour.wait()
