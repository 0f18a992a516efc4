"""Where a training step makes the host wait for the device, by torch's profiler."""

from __future__ import annotations

import re
from collections import Counter

import torch
from torch.autograd.profiler_util import FunctionEvent
from torch.profiler import ProfilerActivity, profile, record_function

from core.train.loop import Loop
from core.train.trainer import Trainer

STEP = "a training step"
# CUDA's and ROCm's calls that return only once the device is done; a copy from the device is one of them, for what it
# copies to is read at once. Where no call is seen (on a CPU), torch's own operations that ask a device for a number.
CALLS = re.compile(r"(cuda|hip)\w*Synchronize|(cuda|hip)(Free|Memcpy|MemcpyWithStream)$|Memcpy DtoH")
OPERATIONS = re.compile(r"aten::(_local_scalar_dense|nonzero)$")


def waits(trainer: Trainer, warm: int, looked_at: int) -> Counter[str]:
    """How often the host waits in that many steps of the loop between two reports, by call and the operation around it.

    All of them must lie in one epoch: what is drawn for an epoch is copied to the device at its beginning.
    """
    loop = Loop(trainer, None)
    for _ in range(warm):  # libraries are loaded, kernels chosen and memory is taken in the first ones
        list(loop.one_step())
    on_device = trainer.device.type == "cuda"
    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * on_device
    with profile(activities=activities, acc_events=True) as found:  # else torch 2.11 warns
        for _ in range(looked_at):
            with record_function(STEP):
                list(loop.one_step())
    events = list(found.events() or [])
    steps = [event for event in events if event.name == STEP and event.device_type.name == "CPU"]
    assert len(steps) == looked_at
    pattern = CALLS if on_device else OPERATIONS
    inside = [event for event in events if pattern.search(event.name) and _within(event, steps)]
    return Counter(_place(event) for event in inside)


def _within(event: FunctionEvent, steps: list[FunctionEvent]) -> bool:
    """By time, for the backward pass runs in a thread of its own; the profiler itself waits after the last step."""
    return any(step.time_range.start <= event.time_range.start <= step.time_range.end for step in steps)


def _place(event: FunctionEvent) -> str:
    around, parent = "", event.cpu_parent
    while parent is not None and parent.name != STEP:
        around, parent = f" in {parent.name}", parent.cpu_parent
    return event.name + around


def seen(device: torch.device) -> bool:
    """Whether the profiler sees calls, or at least operations, of that device."""
    return device.type in ("cuda", "cpu")
