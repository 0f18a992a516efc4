"""Devices and memory: what is missing or too small is refused in one sentence, before anything is allocated."""

from __future__ import annotations

import re
from pathlib import Path

import psutil
import pytest
import torch

from core.arith import training_bytes
from core.spec import NetSpec
from core.train.device import (
    CPU_BF16_FLAGS,
    DeviceError,
    check_memory,
    choose,
    choose_precision,
    device_name,
    devices,
)
from core.train.trainer import Trainer
from tests.unit.small_runs import NETS, pictures, run_spec
from tests.unit.torch_types import gradient_of

CPU = torch.device("cpu")


def test_cpu_is_always_there_with_its_memory() -> None:
    found = {info.id: info for info in devices()}
    assert found["cpu"].name == device_name(CPU) != ""
    assert 0 < found["cpu"].memory <= psutil.virtual_memory().total


def test_auto_takes_the_first_of_the_list() -> None:
    first = next(info for info in devices() if not info.fault)
    assert str(choose("auto").device) == first.id
    assert choose("cpu") == choose("cpu:0") == (CPU, "")


@pytest.mark.skipif(torch.cuda.device_count() > 0, reason="there is a GPU here")
def test_a_machine_without_gpu_has_nothing_to_explain() -> None:
    """Torch is asked, and that it finds no driver is no fault."""
    assert choose("auto") == (CPU, "")
    assert [info.id for info in devices()] == ["cpu"]


@pytest.mark.parametrize("wanted", ["cuda:99", "mps:7", "cpu:1"])
def test_missing_device_is_refused_with_those_there_are(wanted: str) -> None:
    with pytest.raises(DeviceError, match=rf'^[^\n]*"{wanted}"[^\n]*choose [^\n]*cpu\.$'):
        choose(wanted)


def test_precision_is_bf16_where_the_processor_computes_in_it() -> None:
    flags = set(re.findall(r"\w+", Path("/proc/cpuinfo").read_text()))
    assert choose_precision("auto", CPU) == ("bf16" if flags & CPU_BF16_FLAGS else "float32")
    assert choose_precision("float32", CPU) == "float32"
    assert choose_precision("bf16", CPU) == "bf16"


def test_bf16_keeps_parameters_and_loss_in_float32() -> None:
    run = Trainer(run_spec("resnet", precision="bf16"), pictures())
    seen = []
    run.net.layers[0].module.register_forward_hook(lambda module, inputs, output: seen.append(output.dtype))
    run.train_step()
    assert seen == [torch.bfloat16]
    assert {parameter.dtype for parameter in run.parameters} == {torch.float32}
    assert {gradient_of(parameter).dtype for parameter in run.parameters} == {torch.float32}
    assert run.log[0, 0].item() != run.log[0, 0].bfloat16().item()


def test_net_too_large_for_memory_is_refused_before_it_is_built() -> None:
    net = NetSpec(depth=1202, width=1024)
    assert training_bytes(net, 128) > psutil.virtual_memory().total
    for refuse in (
        lambda: check_memory(net, 128, "float32", CPU),
        lambda: Trainer(run_spec(net, batch_size=64), pictures()),
    ):
        with pytest.raises(DeviceError, match=r"^[^\n]* GiB [^\n]*choose a smaller [^\n]*\.$"):
            refuse()
    check_memory(NETS["resnet"], 16, "float32", CPU)


def test_bf16_needs_less_memory() -> None:
    """So a net may be refused in float32 and fit in bf16."""
    net = NetSpec(depth=20)
    assert training_bytes(net, 128, bytes_per_activation=2) < training_bytes(net, 128, bytes_per_activation=4)
