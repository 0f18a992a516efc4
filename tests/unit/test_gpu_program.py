"""``make gpu``, tried on the CPU: it runs with what it may need, and each of its checks can fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.spec import NetSpec
from core.store.home import ROOT
from core.train.trainer import Trainer
from tests.bench.rates import Rate
from tests.gpu.checks import (
    SMALL_NETS,
    TOLERANCE,
    Lab,
    excess,
    losses,
    losses_in_float64,
    nobody_waits,
    repeats,
    resumes,
    watching_changes_nothing,
)
from tests.gpu.report import Report
from tests.gpu.waits import waits
from tests.unit.small_runs import pictures

pytestmark = pytest.mark.slow
CPU = torch.device("cpu")

# Loaded by Python as it starts: what the program must do without is not to be found.
OTHERS = ["streamlit", "starlette", "uvicorn", "plotly", "pandas", "pyarrow", "captum"]
OTHERS += ["hypothesis", "httpx", "playwright", "torchinfo", "xdist", "coverage"]
HOOK = f"import sys; sys.modules.update(dict.fromkeys({OTHERS}))\n"


def program(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Without what it must not need."""
    (folder / "sitecustomize.py").write_text(HOOK)
    return subprocess.run(
        [sys.executable, "-m", "tests.gpu", *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )


@pytest.mark.long
def test_it_runs_and_writes_what_it_found(tmp_path: Path) -> None:
    files = tmp_path / "found.json", tmp_path / "found.md"
    words = ["--device", "cpu", "--short", "--rounds", "0", "--json", str(files[0]), "--markdown", str(files[1])]
    done = program(tmp_path, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(files[0].read_text())
    assert [check["passed"] for check in found["checks"]] == [True] * 6
    assert found["machine"]["torch"] == torch.__version__
    assert done.stdout.strip() == files[1].read_text().strip()
    assert done.stdout.count("| yes |") == 6


@pytest.mark.skipif(torch.accelerator.is_available(), reason="there is a GPU here")
def test_without_a_gpu_it_says_what_it_would_do(tmp_path: Path) -> None:
    done = program(tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("On a machine with a GPU (CUDA, ROCm or Apple's MPS) this compares losses")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


@pytest.mark.parametrize(
    "words",
    [["--device", "cuda:99"], pytest.param(["--device", "cpu", "--net", "none"], marks=pytest.mark.long)],
    ids=str,
)
def test_what_cannot_be_is_one_sentence(tmp_path: Path, words: list[str]) -> None:
    done = program(tmp_path, *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@dataclass(frozen=True)
class Unlike(Lab):
    """Where each run has another seed: nothing can be the same twice."""

    made: list[int] = field(default_factory=list)

    def trainer(self, net: NetSpec, device: str = "", **recipe: Any) -> Trainer:
        self.made.append(0)
        return super().trainer(net, device, seed=len(self.made), **recipe)


@pytest.fixture
def lab() -> Lab:
    return Lab(CPU, pictures(128, 20), {"resnet": SMALL_NETS["resnet"]}, steps=4)


@pytest.mark.parametrize("check", [repeats, resumes, watching_changes_nothing])
def test_runs_that_differ_are_said(lab: Lab, check: Any) -> None:
    passed, found = check(Unlike(lab.device, lab.dataset, lab.nets, lab.steps))
    assert not passed
    assert found.startswith("resnet in float32 differs in ")


def test_losses_of_a_shorter_format_are_further_away_than_is_allowed(lab: Lab) -> None:
    """As TF32 would be: bf16 stands in for it, for a CPU has no TF32."""
    net = SMALL_NETS["resnet"]
    exact, usual = losses_in_float64(lab.trainer(net)), losses(lab.trainer(net))
    np.testing.assert_allclose(usual, exact, rtol=1e-5)
    assert excess(usual, usual, exact) <= 1
    assert excess(losses(lab.trainer(net, precision="bf16")), usual, exact) > TOLERANCE


def test_a_wait_is_found_with_its_place(lab: Lab) -> None:
    run = lab.trainer(SMALL_NETS["resnet"])
    run.net.layers[0].module.register_forward_hook(lambda module, inputs, output: output.sum().item() and None)
    assert waits(run, warm=2, looked_at=2) == {"aten::_local_scalar_dense in aten::item": 2}


def test_nobody_waits_is_told_on_a_device_that_can_be_looked_into(lab: Lab) -> None:
    passed, found = nobody_waits(Lab(torch.device("mps"), lab.dataset, lab.nets, lab.steps))
    assert passed is None
    assert "mps" in found


def test_speeds_are_a_table() -> None:
    report = Report({"device": "a card (cuda:0)", "torch": "2.15.0"}, rates=[Rate("ours", 12345.6, 12000, 13000, 2.5)])
    assert "| ours | 12,346 | 12,000 to 13,000 | 2.50 × |" in report.markdown()
    assert json.loads(report.json())["images_per_second"][0]["median"] == 12345.6
