"""Layers that draw random numbers while a net trains.

All randomness starts from torch's generator on the CPU, whatever the device: a checkpoint keeps that one state, so a
run resumed from it goes on bit for bit, and whoever looks at the net puts it back afterwards.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Dropout(nn.Module):
    """Zeroes a share of the values and scales the others up, so that the mean stays (Srivastava 2014)."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        seed = int(torch.randint(2**63 - 1, (), device="cpu"))
        source = torch.Generator(x.device).manual_seed(seed)
        kept = torch.empty_like(x).bernoulli_(1 - self.share, generator=source)
        return x * kept.div_(1 - self.share)

    def extra_repr(self) -> str:
        return f"{self.share:g}"


class StochasticDepth(nn.Module):
    """Keeps a branch for a whole minibatch or drops it (Huang 2016, section 3); when evaluated, its expectation.

    A dropped branch has been computed, so that each layer has its response, and is multiplied by 0: it passes no
    gradient on.
    """

    def __init__(self, survival_probability: float) -> None:
        super().__init__()
        self.survival_probability = survival_probability

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x * self.survival_probability
        return x * float(torch.rand((), device="cpu") < self.survival_probability)

    def extra_repr(self) -> str:
        return f"{self.survival_probability:g}"
