"""What papers and published code report for the presets: value, unit, protocol, source.

To be shown beside a measurement as "paper after N epochs / you after e", never as pass or fail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from core.spec import PRESETS, NetSpec


@dataclass(frozen=True)
class Reference:
    """A published result on the CIFAR-10 test set."""

    value: float  # percent
    unit: Literal["% test error", "% test accuracy"]
    epochs: int | None  # passes over the training set; None where the source does not say
    protocol: str  # recipe, augmentation, number of runs and which of them is reported
    source: str

    @property
    def accuracy(self) -> float:
        """Share of the test pictures that are classified right, 0 to 1."""
        share = self.value / 100
        return round(share if self.unit == "% test accuracy" else 1 - share, 6)


# Parameters of each preset, counted from the papers' definitions: convolutions with norm have no bias, the norms'
# weights and biases count, the classifier has a bias. Presets whose count no source states are missing.
PARAMS: Mapping[str, int] = MappingProxyType(
    {
        "smallresnet": 175_258,
        "plain20": 269_722,
        "plain56": 853_018,
        "resnet20": 269_722,
        "resnet32": 464_154,
        "resnet56": 853_018,
        "resnet110": 1_727_962,
        "resnet1202": 19_421_274,
        "densenet-40-12": 1_019_722,
        "densenet-100-12": 6_979_642,
        "densenet-bc-40-12": 176_122,
        "densenet-bc-100-12": 769_162,
        "densenet-bc-190-40": 25_624_430,
    }
)

_HE = "SGD 0.1, momentum 0.9, weight decay 1e-4, batch 128, 64k iterations, lr ÷10 at 32k and 48k, flip and pad-4 crop"
_DENSE = "SGD 0.1, batch 64, 300 epochs, flip and pad-4 crop; one run"
_STUDY = "SGD 0.1, momentum 0.9, weight decay 1e-4, cosine, batch 128, 30 epochs"


def _he(error: float, runs: str = "") -> Reference:
    return Reference(error, "% test error", 164, _HE + runs, "He et al. 2015, Table 6")


def _reimplementation(error: float) -> Reference:
    source = "A re-implementation of He et al. 2015"
    return Reference(error, "% test error", None, "epochs and number of runs not stated", source)


def _densenet(error: float) -> Reference:
    return Reference(error, "% test error", 300, _DENSE, "Huang et al. 2017, Table 2")


def _study(accuracy: float) -> Reference:
    return Reference(accuracy, "% test accuracy", 30, _STUDY, "The BN study, notebook")


REFERENCES: Mapping[str, Reference] = MappingProxyType(
    {
        "smallresnet": _study(88.2),
        "smallresnet-nobn": _study(85.3),
        "plain20": _reimplementation(9.90),
        "plain32": _reimplementation(13.04),
        "plain44": _reimplementation(15.55),
        "plain56": _reimplementation(14.74),
        "resnet20": _he(8.75),
        "resnet32": _he(7.51),
        "resnet44": _reimplementation(7.33),
        "resnet56": _he(6.97),
        "resnet110": _he(6.43, ", warm-up at 0.01 for 400 iterations; best of 5 runs (6.61 ± 0.16)"),
        "resnet1202": _he(7.93),
        "densenet-40-12": _densenet(5.24),
        "densenet-100-12": _densenet(4.10),
        "densenet-bc-100-12": _densenet(4.51),
        "densenet-bc-190-40": _densenet(3.46),
    }
)


def reference(spec: NetSpec) -> Reference | None:
    """What is published for exactly this net, if anything is."""
    return next((REFERENCES[name] for name in REFERENCES if PRESETS[name] == spec), None)
