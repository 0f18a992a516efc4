"""A driver that never answers, or that ends whoever asks it: the CPU trains, and says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from core.engine import client
from core.machine.gpus import PATIENCE
from tests.engine.drivers import Driver
from tests.engine.engines import Engine, tiny
from tests.engine.test_gpu_driver import NET, RECIPE, lab

pytestmark = pytest.mark.skipif(torch.cuda.device_count() > 0, reason="there is a real driver here")

SILENT = f"cuda:0 cannot start (its driver does not answer within {PATIENCE} s)"
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "cuInit hangs": ({"hangs": "cuInit"}, SILENT),
    "counting hangs": ({"hangs": "nvmlInit"}, SILENT),
    "cuInit crashes": ({"crashes": "cuInit"}, "cuda:0 cannot start (its driver crashes)"),
}


def fake(folder: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> Driver:
    driver = Driver(folder / "driver", **FAULTS[fault][0])
    for name, value in driver.environment.items():
        monkeypatch.setenv(name, value)
    return driver


# What hangs takes the patience of whoever asks each time: the worker below waits in the ordinary suite.
@pytest.mark.parametrize(
    "fault", [pytest.param(fault, marks=[pytest.mark.long] * ("hangs" in fault)) for fault in FAULTS]
)
def test_auto_trains_on_the_cpu_and_says_why(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = fake(tmp_path, monkeypatch, fault)
    trained = lab(f"train {NET} {RECIPE}")
    assert (trained.returncode, trained.stderr) == (0, "")
    assert trained.stdout.splitlines()[1] == f"{FAULTS[fault][1]}, so the CPU trains."
    assert driver.asked


@pytest.mark.long
def test_a_run_on_the_cpu_does_not_wait_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = fake(tmp_path, monkeypatch, "cuInit hangs")
    trained = lab(f"train {NET} {RECIPE} --device cpu")
    assert (trained.returncode, trained.stderr) == (0, "")
    assert not driver.asked


def test_a_gpu_that_was_named_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, monkeypatch, "cuInit crashes")
    refused = lab(f"train {NET} {RECIPE} --device cuda")
    assert (refused.returncode, refused.stderr) == (2, "cuda:0 cannot start (its driver crashes): choose cpu.\n")
    assert client.store().runs() == []


def test_the_worker_reports_it_and_trains(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, monkeypatch, "cuInit hangs")
    engine = Engine(home)
    try:
        engine.store.prepare()
        engine.start_supervisor()
        engine.until(lambda: client.store().meta("devices"), "a worker has looked")
        assert client.devices() == ["cpu"]
        assert client.device_faults() == [f"{SILENT}."]
        spec = tiny()
        run_id = client.submit(spec.but(train=spec.train.but(device="auto")))
        engine.until_status(run_id, "finished")
    finally:
        engine.close()
    assert engine.events(run_id, "started")[0].payload["device_note"] == f"{SILENT}, so the CPU trains."
