"""Where a run trains: which devices there are, what they are called and hold, which precision is fast on them."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from core import machine
from core.arith import training_bytes
from core.spec import NetSpec

Precision = Literal["float32", "bf16"]

CPU_BF16_FLAGS = {"avx512_bf16", "amx_bf16"}  # without them bf16 is emulated, and slower than float32


class DeviceError(ValueError):
    """A device is missing or too small; the message is one sentence: what is wrong and what to do."""


@dataclass(frozen=True)
class DeviceInfo:
    """A device that a run can ask for."""

    id: str  # cpu, cuda:0, mps
    name: str  # NVIDIA H100 80GB HBM3
    memory: int  # bytes that are free now


def devices() -> list[DeviceInfo]:
    """What is here, the one that ``auto`` takes first."""
    found = [torch.device("cuda", index) for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append(torch.device("mps"))
    found.append(torch.device("cpu"))
    return [DeviceInfo(str(device), device_name(device), device_memory(device).free) for device in found]


def choose(wanted: str) -> torch.device:
    """The device for ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``. Raises DeviceError where it is missing."""
    here = [info.id for info in devices()]
    if wanted == "auto":
        return torch.device(here[0])
    name = {"cuda": "cuda:0", "mps:0": "mps", "cpu:0": "cpu"}.get(wanted, wanted)
    if name not in here:
        raise DeviceError(f'This machine has no device "{wanted}" that torch can use: choose {" or ".join(here)}.')
    return torch.device(name)


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
    The first call takes a second, for torch imports its compiler: a process kept warm calls it early.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS sums in a fixed order only with this
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # made at import


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
