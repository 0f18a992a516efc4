"""What an X-ray needs of the machine's memory is known before it begins, its repetition in float64 included."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core import arith
from core.answers import questions
from core.answers.questions import answer_xray
from core.answers.warm import Nets
from core.check import never
from core.machine import Memory
from core.spec import NetSpec, SpecError, preset
from core.store.home import ROOT

pytestmark = pytest.mark.slow

IN_FLOAT64 = NetSpec(depth=152, width=4, skip=False, norm="none", init="default")  # its gradient leaves float32
PEAK = """
import sys
from pathlib import Path
import torch
from core.check import never
from core.answers.warm import Nets
from core.answers.questions import answer_xray
from core.spec import NetSpec

def status(key):  # bytes
    return int(Path("/proc/self/status").read_text().partition(key + ":")[2].split()[0]) * 1024

torch.set_num_threads(1)
net = NetSpec.from_json(sys.argv[1]).model_dump()
nets = Nets()
answer_xray({"net": net, "images": 2, "seed": 0}, nets, never)  # what torch itself needs is there now
before = status("VmRSS")
Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
answer_xray({"net": net, "images": int(sys.argv[2]), "seed": 0}, nets, never)
print(status("VmHWM") - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("net", "size"),
    [
        (preset("resnet20"), 4),
        (preset("smallresnet-nobn"), 4),
        (preset("densenet-bc-40-12"), 4),
        (preset("vgg16-cifar"), 4),
        (IN_FLOAT64, 8),
    ],
    ids=["resnet20", "without BN", "DenseNet", "VGG", "repeated in float64"],
)
def test_the_bound_covers_the_peak(net: NetSpec, size: int) -> None:
    """Measured on two cores: the bound is 1.6 to 2 times the peak of resident memory, also where float64 is needed,
    which repeats within 1 %."""
    result = subprocess.run(
        [sys.executable, "-c", PEAK, net.to_json(), "32"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    peak, bound = int(result.stdout), arith.xray_bytes(net, 32, size)
    assert bound / 4 < peak <= bound


@pytest.mark.parametrize(
    ("share", "said"), [(1.0, " leaves the range of float32 and in float64 needs "), (0.9, " needs ")]
)
def test_refused_before_it_begins_and_before_it_is_repeated(
    monkeypatch: pytest.MonkeyPatch, share: float, said: str
) -> None:
    """``share`` of what float32 needs is free."""
    room = round(share * arith.xray_bytes(IN_FLOAT64, 2))
    monkeypatch.setattr(questions, "free_memory", lambda: Memory(2 * room, room, "this machine"))
    with pytest.raises(SpecError, match=f"^An X-ray of .* with 2 pictures{said}[0-9.]+ GB of memory and this machine"):
        answer_xray({"net": IN_FLOAT64.model_dump(), "images": 2, "seed": 0}, Nets(), never)
