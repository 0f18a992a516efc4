"""Where a run trains: which devices there are, what they are called and hold, which precision is fast on them."""

from __future__ import annotations

import os
import platform
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from torch.nn import functional

from core import machine
from core.arith import training_bytes
from core.machine.gpus import driver_fault
from core.spec import NetSpec, SpecError

Precision = Literal["float32", "bf16"]

CPU_BF16_FLAGS = {"avx512_bf16", "amx_bf16"}  # without them bf16 is emulated, and slower than float32
CPU = torch.device("cpu")
warnings.filterwarnings("ignore", "CUDA initialization")  # a GPU that cannot start is told in the lab's own words


class DeviceError(SpecError):
    """A device is missing, cannot start or is too small; the message is one sentence: what is wrong, what to do."""


@dataclass(frozen=True)
class DeviceInfo:
    """A device that was found, and what came of starting it."""

    id: str  # cpu, cuda:0, mps
    name: str  # NVIDIA H100 80GB HBM3
    memory: int  # bytes that are free now
    total: int  # bytes, whoever holds them now
    fault: str = ""  # why it cannot start, in torch's words


class Choice(NamedTuple):
    """Where a run trains."""

    device: torch.device
    note: str  # one sentence that says why not on another one that is here; mostly empty


def devices() -> list[DeviceInfo]:
    """What is here, in the order in which ``auto`` tries it: whatever can start comes to no harm by one that cannot."""
    return [_info(device) for device in [*_gpus(), CPU]]


def choose(wanted: str, needed: int = 0) -> Choice:
    """The device for ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``, once it has proved that it can start.

    ``auto`` goes on to the next one where a GPU cannot, or where others have left it too little of its memory for the
    ``needed`` bytes. For ``cpu`` no GPU is asked anything. Raises DeviceError where a device that was named is missing
    or cannot start.
    """
    if wanted == "auto":
        return _first_that_starts(needed)
    name = {"cuda": "cuda:0", "mps:0": "mps", "cpu:0": "cpu"}.get(wanted, wanted)
    if name == "cpu":
        return Choice(CPU, "")
    device = next((gpu for gpu in _gpus() if str(gpu) == name), None)
    fault = _fault(device) if device else ""
    if device and not fault:
        return Choice(device, "")
    here = " or ".join(info.id for info in devices() if not info.fault)
    if fault:
        raise DeviceError(f"{name} cannot start ({fault}): choose {here}.")
    raise DeviceError(f'This machine has no device "{wanted}" that torch can use: choose {here}.')


def _first_that_starts(needed: int) -> Choice:
    obstacles: dict[str, list[str]] = {}  # and the devices that have each
    for device in _gpus():
        fault = _fault(device)
        obstacle = f"cannot start ({fault})" if fault else _crowded(device, needed)
        if not obstacle:
            return Choice(device, _note(obstacles, str(device)))
        obstacles.setdefault(obstacle, []).append(str(device))
    return Choice(CPU, _note(obstacles, "the CPU"))


def _note(obstacles: dict[str, list[str]], taken: str) -> str:
    causes = [f"{' and '.join(ids)} {obstacle}" for obstacle, ids in obstacles.items()]
    return f"{', '.join(causes)}, so {taken} trains." if causes else ""


def _gpus() -> list[torch.device]:
    """Those that are counted, which is not to say that they can start; of a driver that cannot be asked, one."""
    count = 1 if _driver_fault() else torch.cuda.device_count() or _driver_fails()
    found = [torch.device("cuda", index) for index in range(count)]
    return found + ([torch.device("mps")] if torch.backends.mps.is_available() else [])


def _driver_fault() -> str:
    return driver_fault() if torch.backends.cuda.is_built() else ""


def _driver_fails() -> bool:
    """Whether no GPU is counted for the reason that their driver cannot start, and not that there is none."""
    if not torch.backends.cuda.is_built():
        return False
    try:
        torch.cuda.init()
    except Exception as error:
        return not re.match(r"Found no \w+ driver|No \w+ GPUs are available", str(error))
    return False


def _fault(device: torch.device) -> str:
    """Why a device cannot start, in torch's words; empty where it can. It is tried in earnest, on a tiny convolution.

    No driver and no library for convolutions, a driver too old, a GPU that torch was not built for, one that is full,
    taken or broken: each kind of fault has an exception of its own, and none of them may end the process.
    """
    if device.type == "cuda" and _driver_fault():
        return _driver_fault()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what torch only warns of fails here too, or does no harm
            ones = torch.ones(1, 1, 3, 3, device=device)
            functional.conv2d(ones, ones).item()
    except Exception as error:
        return _reason(error)
    return ""


def _reason(error: Exception) -> str:
    """What torch says first, without what stands before all of it and without its guesses at a cause."""
    line = str(error).strip().partition("\n")[0]
    line = re.sub(r"^(CUDA call failed lazily at initialization with error: |CUDA error: )+", "", line)
    return re.split(r"\.\s+(?=[A-Z])| - ", line)[0].rstrip(". ") or type(error).__name__


def _crowded(device: torch.device, needed: int) -> str:
    """Whether others have taken the memory of a GPU that could hold the run, in words."""
    if device.type != "cuda":
        return ""
    free, total = torch.cuda.mem_get_info(device)
    if not free < needed <= total:
        return ""
    return f"has {free / 1e9:,.1f} GB of its memory free where the run needs {needed / 1e9:,.1f} GB"


def _info(device: torch.device) -> DeviceInfo:
    fault = "" if device == CPU else _fault(device)
    if fault:
        return DeviceInfo(str(device), str(device), 0, 0, fault)
    total = device_memory(device).total if device.type == "cuda" else machine.total_memory().total
    return DeviceInfo(str(device), device_name(device), device_memory(device).free, total)


def device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return _cpu_field("model name") or platform.processor() or platform.machine()


def choose_precision(wanted: str, device: torch.device) -> Precision:
    """``auto`` is bf16 autocast where the hardware computes in it, else float32."""
    if wanted == "float32" or (wanted == "auto" and not _has_bf16(device)):
        return "float32"
    return "bf16"


def make_deterministic() -> None:
    """Let the same seed give the same run, bit for bit, on the same CUDA device; a CPU needs none of this.

    cuDNN would otherwise time several algorithms and keep the fastest, which differs from run to run, and some CUDA
    kernels add in the order in which threads arrive. An operation without a deterministic kernel warns and goes on:
    better a run that differs in the last bit than none. Filling fresh memory is for finding bugs, and costs time.
    The first call takes a second, for torch imports its compiler: a worker's throwaway minibatch pays for it.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS sums in a fixed order only with this
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # made at import


def keep_float32_whole() -> None:
    """Let cuDNN's convolutions in float32 multiply with all 24 bits: by default torch lets them round to TF32's 11.

    Losses are then some thousand times further from those of the CPU than float32 accounts for. Whoever wants speed has
    bf16, which is said to be that.
    """
    torch.backends.cudnn.allow_tf32 = False


def check_memory(net: NetSpec, batch_size: int, precision: Precision, device: torch.device) -> None:
    """Raise DeviceError, before anything is allocated, where training would not fit into the device's free memory."""
    needed = training_bytes(net, batch_size, bytes_per_activation=2 if precision == "bf16" else 4)
    memory = device_memory(device)
    if needed > memory.free:
        raise DeviceError(
            f"{net.name} at batch size {batch_size} needs about {needed / 2**30:.1f} GiB and {memory.of} has "
            f"{memory.free / 2**30:.1f} GiB free: choose a smaller batch, depth, width or growth rate."
        )


def device_memory(device: torch.device) -> machine.Memory:
    """What a device has, or for the CPU (and Apple's GPU, which shares it) what this process may use of the machine."""
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        return machine.Memory(total, free, str(device))
    return machine.free_memory()


def _has_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        with torch.cuda.device(device):
            return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and not CPU_BF16_FLAGS.isdisjoint(_cpu_field("flags").split())


def _cpu_field(name: str) -> str:
    """A line of Linux's description of its first processor; empty elsewhere."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith(name)), "")
