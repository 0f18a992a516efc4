"""What was found, for people (Markdown) and for programs (JSON)."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass, field

import numpy
import torch
import torchvision

from core.train.device import CPU, device_name
from tests.bench.rates import HEAD, Rate
from tests.gpu.checks import Finding

Machine = dict[str, str]


def machine(device: torch.device) -> Machine:
    """The card, the processor beside it, and the versions of all that computes."""
    found = {"device": f"{device_name(device)} ({device})", "processor": device_name(CPU)}
    found |= {"system": platform.platform(), "python": platform.python_version(), "torch": torch.__version__}
    found |= {"torchvision": torchvision.__version__, "numpy": numpy.__version__}
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        found["memory"] = f"{properties.total_memory / 2**30:.0f} GiB"
        found["architecture"] = f"{properties.major}.{properties.minor}"
        found["cuda"] = torch.version.cuda or f"ROCm {torch.version.hip}"
        found["cudnn"] = str(torch.backends.cudnn.version())
    return found


@dataclass
class Report:
    """Grows while the program goes on."""

    machine: Machine
    findings: list[Finding] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)

    def head(self) -> str:
        facts = ", ".join(f"{name} {value}" for name, value in self.machine.items() if name != "device")
        return f"{self.machine['device']}: {facts}\n\n| check | | found |\n|---|---|---|"

    def speed(self) -> str:
        return "\n".join(["", HEAD, *(rate.row() for rate in self.rates)]) if self.rates else ""

    def markdown(self) -> str:
        return "\n".join([self.head(), *(finding.line() for finding in self.findings), self.speed()]).rstrip() + "\n"

    def json(self) -> str:
        parts = {
            "machine": self.machine,
            "checks": [asdict(finding) for finding in self.findings],
            "images_per_second": [asdict(rate) for rate in self.rates],
        }
        return json.dumps(parts, indent=1) + "\n"
