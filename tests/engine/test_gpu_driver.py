"""A driver that counts a GPU and cannot start it, through every way in: commands, workers and what pages are told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from core.answers import ask
from core.engine import client
from core.spec import SpecError
from core.store.home import ROOT
from tests.engine.drivers import Driver
from tests.engine.engines import Engine, tiny

pytestmark = pytest.mark.skipif(torch.cuda.device_count() > 0, reason="there is a real driver here")

REASON = "cuda:0 cannot start (CUDA unknown error)"
NOTE = f"{REASON}, so the CPU trains."
NET = "--family resnet --depth 8 --width 4"
RECIPE = "--epochs 1 --batch-size 1000 --precision float32"


@pytest.fixture(params=["counted", pytest.param("not even counted", marks=pytest.mark.long)])
def driver(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Driver:
    driver = Driver(tmp_path / "driver", counts=request.param == "counted")
    for name, value in driver.environment.items():
        monkeypatch.setenv(name, value)
    return driver


def lab(words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "core", *words.split()]
    return subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, cwd=ROOT)


@pytest.mark.parametrize("optimizer", [pytest.param("sgd", marks=pytest.mark.long), "adamw"])
def test_a_run_on_the_cpu_does_not_ask_the_driver(optimizer: str, driver: Driver) -> None:
    trained = lab(f"train {NET} {RECIPE} --optimizer {optimizer} --device cpu --json")
    assert trained.returncode == 0, trained.stderr
    assert trained.stderr == ""
    assert json.loads(trained.stdout.splitlines()[0])["device_note"] == ""
    assert not driver.asked


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("evaluate --net resnet20 --json", marks=pytest.mark.long),
        "predict assets/examples/cat.jpg --net resnet20 --json",
        f"xray {NET} --images 8 --json",
        f"describe {NET} --json",
    ],
)
def test_no_other_command_asks_the_driver(words: str, driver: Driver) -> None:
    found = lab(words)
    assert (found.returncode, found.stderr) == (0, "")
    assert not driver.asked


def test_auto_trains_on_the_cpu_and_says_why(driver: Driver) -> None:
    trained = lab(f"train {NET} {RECIPE} --optimizer adamw")
    assert trained.returncode == 0, trained.stderr
    assert trained.stderr == ""
    assert trained.stdout.splitlines()[1] == NOTE
    assert driver.asked


def test_a_gpu_that_was_named_is_refused_and_leaves_no_run(driver: Driver) -> None:
    refused = lab(f"train {NET} {RECIPE} --device cuda")
    assert refused.returncode == 2
    assert refused.stderr == f"{REASON}: choose cpu.\n"
    assert client.store().runs() == []


@pytest.fixture
def engine(driver: Driver, home: Path) -> Iterator[Engine]:
    engine = Engine(home)
    engine.store.prepare()
    engine.start_supervisor()
    yield engine
    engine.close()


def test_the_worker_reports_it_and_trains(engine: Engine) -> None:
    """Its report does not die of it, and all that people see says so."""
    devices: list[dict[str, Any]] = engine.until(lambda: client.store().meta("devices"), "a worker has looked")
    assert [(device["id"], bool(device["fault"])) for device in devices] == [("cuda:0", True), ("cpu", False)]
    assert client.devices() == ["cpu"]
    assert client.device_faults() == [f"{REASON}."]
    assert client.engine_line().startswith("cuda:0 cannot start, ")
    with pytest.raises(SpecError, match=r"^cuda:0 cannot start \(CUDA unknown error\): choose auto or cpu\.$"):
        client.submit(on("cuda"))
    for device, note in {"auto": NOTE, "cpu": ""}.items():
        run_id = client.submit(on(device))
        engine.until_status(run_id, "finished")
        assert engine.events(run_id, "started")[0].payload["device_note"] == note


def on(device: str) -> Any:
    spec = tiny(epochs=1)
    return spec.but(train=spec.train.but(device=device, optimizer="adamw"))


def test_pages_are_answered_without_asking_the_driver(driver: Driver, home: Path) -> None:
    """Also where gradients are computed, before which torch itself counts the GPUs that it may see."""
    lab = Engine(home)
    try:
        client.store().prepare()
        ask.ensure_inference()
        lab.until(ask.ready, "the inference worker listens")
        found = ask.ask("xray", {"net": {"depth": 8, "width": 4}, "images": 4}, "x-ray")
    finally:
        lab.close()
    assert found["name"] == "ResNet-8 ×0.25"
    assert not driver.asked
