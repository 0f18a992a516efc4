"""A GPU that is counted and cannot start: the CPU trains, and says why; what was named is refused with the reason.

Torch's own functions for counting and starting are replaced here by ones that find a GPU, and fail as theirs do. The
same with a real driver that fails, through every process of the lab, is in ``tests/engine/test_gpu_driver.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import pytest
import torch

from core.answers.questions import KINDS
from core.answers.warm import Nets
from core.check import never
from core.data.files import load
from core.inspect.explain import METHODS
from core.spec import NetSpec
from core.train.device import DeviceError, _crowded, choose, devices
from core.train.loop import train
from core.train.trainer import Trainer
from tests.unit.small_runs import NETS, events_of, no_commands, pictures, run_spec, trainer

# What torch says, and what of it people are told.
FAULTS = {
    "CUDA unknown error - this may be due to an incorrectly set up environment, e.g. changing env variable "
    "CUDA_VISIBLE_DEVICES after program start. Setting the available devices to be zero.": "CUDA unknown error",
    "CUDA error: no kernel image is available for execution on the device\nCUDA kernel errors might be asynchronously "
    "reported at some other API call": "no kernel image is available for execution on the device",
    "The NVIDIA driver on your system is too old (found version 11040). Please update your GPU driver": "The NVIDIA "
    "driver on your system is too old (found version 11040)",
    "CUDA out of memory. Tried to allocate 2.00 MiB. GPU 0 has a total capacity of 79.11 GiB": "CUDA out of memory",
    "CUDA error: all CUDA-capable devices are busy or unavailable": "all CUDA-capable devices are busy or unavailable",
    "": "RuntimeError",
}


def counted(monkeypatch: pytest.MonkeyPatch, message: str, count: int = 1) -> None:
    """From now on torch counts GPUs and raises when it starts them."""

    def start(*_: object) -> NoReturn:
        raise RuntimeError(message)

    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch._C, "_cuda_init", start)


@pytest.mark.parametrize(("said", "told"), FAULTS.items())
def test_auto_takes_the_cpu_and_says_why(said: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    counted(monkeypatch, said)
    assert choose("auto") == (torch.device("cpu"), f"cuda:0 cannot start ({told}), so the CPU trains.")


@pytest.mark.parametrize(("said", "told"), FAULTS.items())
@pytest.mark.parametrize("wanted", ["cuda", "cuda:0"])
def test_a_gpu_that_was_named_is_refused_with_the_reason(
    wanted: str, said: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(monkeypatch, said)
    with pytest.raises(DeviceError) as refusal:
        choose(wanted)
    assert str(refusal.value) == f"cuda:0 cannot start ({told}): choose cpu."


def test_the_report_has_every_device_and_its_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    counted(monkeypatch, "CUDA error: out of memory", count=2)
    *gpus, cpu = devices()
    assert [(gpu.id, gpu.memory, gpu.total, gpu.fault) for gpu in gpus] == [
        ("cuda:0", 0, 0, "out of memory"),
        ("cuda:1", 0, 0, "out of memory"),
    ]
    assert (cpu.id, cpu.fault) == ("cpu", "")
    assert choose("auto").note == "cuda:0 and cuda:1 cannot start (out of memory), so the CPU trains."


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="Apple's GPU is here, and starts")
def test_apples_gpu_is_tried_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Torch says that it is there; this build of it cannot start it."""
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    device, note = choose("auto")
    assert device.type == "cpu"
    assert note.startswith("mps cannot start (")
    assert note.endswith("), so the CPU trains.")
    with pytest.raises(DeviceError, match=r"^mps cannot start \([^\n]*\): choose cpu\.$"):
        choose("mps")


def test_a_gpu_that_others_have_filled_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that could never hold the run is not: then the run is refused, with what would fit."""
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (10**9, 80 * 10**9))
    gpu = torch.device("cuda:0")
    assert _crowded(gpu, 2 * 10**9) == "has 1.0 GB of its memory free where the run needs 2.0 GB"
    assert _crowded(gpu, 10**9) == _crowded(gpu, 81 * 10**9) == _crowded(torch.device("mps"), 2 * 10**9) == ""


def test_the_run_says_why_it_is_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the event that begins it, and in the one that goes on."""
    counted(monkeypatch, "CUDA error: out of memory")
    run = trainer(device="auto")
    note = "cuda:0 cannot start (out of memory), so the CPU trains."
    assert events_of(run)[0].payload["device_note"] == note
    again = trainer(device="auto")
    again.load_state(run.state())
    assert next(iter(train(again, None, no_commands))).payload["device_note"] == note
    assert events_of(trainer(device="cpu"))[0].payload["device_note"] == ""


@pytest.fixture
def no_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks whether there is a GPU, or starts one, is caught."""

    def asked(name: str) -> Callable[..., NoReturn]:
        def ask(*arguments: object, **named: object) -> NoReturn:
            raise AssertionError(f"{name} was asked")

        return ask

    owners: dict[Any, list[str]] = {
        torch.cuda: ["is_available", "device_count", "init", "_lazy_init", "current_device", "manual_seed_all"],
        torch._C: ["_cuda_init", "_cuda_getDeviceCount", "_cuda_isCurrentStreamCapturing"],
        torch.accelerator: ["is_available", "device_count", "current_stream", "synchronize"],
        torch.backends.mps: ["is_available"],
        torch.mps: ["manual_seed"],
    }
    for owner, names in owners.items():
        for name in names:
            monkeypatch.setattr(owner, name, asked(f"{owner.__name__}.{name}"))
    built = torch.accelerator.current_accelerator

    def accelerator(check_available: bool = False) -> torch.device | None:
        assert not check_available, "torch.accelerator.current_accelerator was asked"
        return built()  # what torch was built for, which is no question to the machine

    monkeypatch.setattr(torch.accelerator, "current_accelerator", accelerator)


@pytest.mark.usefixtures("no_questions")
@pytest.mark.parametrize("precision", ["float32", "bf16"])
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_run_on_the_cpu_asks_no_gpu(optimizer: str, precision: str) -> None:
    """Neither while it trains and is watched nor when it is resumed; with dropout, which draws random numbers."""
    net = NetSpec(family="wide", depth=10, width_multiplier=1, dropout=0.3)
    spec = run_spec(net, probes=True, optimizer=optimizer, precision=precision, grad_clip=1.0, device="cpu")
    run = Trainer(spec, pictures())
    events = list(train(run, run.watcher(), no_commands))
    assert {event.kind for event in events} >= {"started", "metrics", "probe", "evaluation", "checkpoint", "finished"}
    again = Trainer(spec, pictures())
    again.load_state(events[-2].payload["state"])
    assert [event.kind for event in train(again, again.watcher(), no_commands)] == ["resumed", "finished"]


PICTURE = load("sample").test_images[0].transpose(1, 2, 0)
ABOUT = {"net": "resnet20", "picture": PICTURE, "layer": 3, "channel": 1, "y": 2, "x": 2}
QUESTIONS: dict[str, list[dict[str, Any]]] = {
    "xray": [{"net": NETS["resnet"].model_dump(), "images": 4}],
    "predict": [ABOUT],
    "maps": [ABOUT],
    "explain": [ABOUT | {"method": method, "target": 3} for method in METHODS],
    "field": [ABOUT],
    "products": [ABOUT],
    "modes": [ABOUT | {"company": 2, "batches": 1, "seed": 0}],
    "score": [ABOUT | {"data": "sample", "start": 0, "count": 4}],
}


@pytest.mark.usefixtures("no_questions", "home")
@pytest.mark.parametrize("kind", KINDS)
def test_no_answer_asks_a_gpu(kind: str) -> None:
    """X-ray, and what trained nets are asked, which the lab computes on the CPU."""
    for question in QUESTIONS[kind]:
        KINDS[kind](question, Nets(), never)
