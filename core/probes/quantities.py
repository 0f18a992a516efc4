"""What is measured: one function a quantity, each from one pass over the fixed probe batch to one array.

All norms are L2 norms over everything the tensor holds. They, their ratios, means and spreads are summed in float64 and
stay float64: a vanished gradient of 1e-23 has squares that float32 rounds to 0, an exploded signal squares that it
cannot hold. So a norm reads 0 only where every entry is 0. Results are on the CPU, float32 unless said otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.nets import Net
from core.nets.stacks import Stack

Array = np.ndarray
HISTOGRAM_UNIT = 1e-3  # bins are even in asinh(value / unit): linear below it, logarithmic above
HISTOGRAM_LIMIT = 1e4  # values beyond +- this are under- or overflow
HISTOGRAM_BINS = 65  # odd, so that the middle bin is centred on 0 and holds the exact zeros
HISTOGRAM_SAMPLE = 16384  # values a layer; of larger signals an evenly spaced, fixed part is counted


def _histogram_edges() -> Array:
    end = math.asinh(HISTOGRAM_LIMIT / HISTOGRAM_UNIT)
    return (HISTOGRAM_UNIT * np.sinh(np.linspace(-end, end, HISTOGRAM_BINS + 1))).astype(np.float32)


HISTOGRAM_EDGES: Array = _histogram_edges()  # (E,), the same for every layer, step and run


@dataclass(frozen=True)
class Pass:
    """What a forward and backward pass over the probe batch left behind; lists are as long as ``net.layers``."""

    net: Net | Stack
    signals: list[Tensor]  # responses, (B, C, H, W), of the classifier (B, classes)
    activations: list[Tensor | None]  # outputs of the layers' ReLUs
    branches: list[tuple[Tensor, Tensor]]  # F(x) and shortcut(x) of each residual block
    weight_gradients: list[Tensor]
    signal_gradients: list[Tensor]
    again: Callable[[slice], list[Tensor]]  # another pass over that part of the batch: its weight gradients
    scale: float = 1.0  # by which the loss, and with it each gradient, is multiplied


def weight_grad(seen: Pass) -> Array:
    """(L,) float64 norm of the loss's gradient with respect to each layer's weight."""
    return _norms(seen.weight_gradients) / seen.scale


def signal_grad(seen: Pass) -> Array:
    """(L,) float64 norm of the loss's gradient with respect to each layer's response, over the whole probe batch."""
    return _norms(seen.signal_gradients) / seen.scale


def agreement(seen: Pass) -> Array:
    """(L,) float64 cosine between the gradients of each layer's weight over the first and the second half of the probe
    batch; NaN where one of the two is 0. Each half has batch statistics and dropout of its own, and a pass of its own.
    """
    half = len(seen.signals[0]) // 2
    first, second = (seen.again(part) for part in (slice(half), slice(half, None)))
    return _fetch([torch.dot(_direction(one), _direction(other)) for one, other in zip(first, second, strict=True)])


def mean(seen: Pass) -> Array:
    """(L,) float64 mean of all values of each response."""
    return _fetch([_with_float64(signal).mean(dtype=torch.float64) for signal in seen.signals])


def std(seen: Pass) -> Array:
    """(L,) float64 standard deviation of all values of each response (He 2015, figure 7)."""
    return _fetch([_with_float64(signal).double().std(correction=0) for signal in seen.signals])


def dead(seen: Pass) -> Array:
    """(L,) share of the ReLU's channels that are 0 at every position of every picture; NaN without a ReLU."""
    shares = []
    for activation in seen.activations:
        if activation is None:
            shares.append(torch.tensor(math.nan, device=seen.signals[0].device))
        else:
            others = [at for at in range(activation.dim()) if at != 1]
            total = activation.sum(others, dtype=torch.float32)  # no term is negative; faster than the maximum
            shares.append((total == 0).float().mean())
    return _fetch(shares).astype(np.float32)


def histogram(seen: Pass) -> Array:
    """(L, E + 1) int32: values of each response below, between and above the edges, of at most HISTOGRAM_SAMPLE."""
    edges = torch.from_numpy(HISTOGRAM_EDGES).to(seen.signals[0].device)
    cells = len(edges) + 1
    indices = [
        torch.bucketize(sample(signal).float().contiguous(), edges, right=True) + row * cells
        for row, signal in enumerate(seen.signals)
    ]
    counts = torch.bincount(torch.cat(indices), minlength=cells * len(indices))
    return counts.reshape(-1, cells).to("cpu", torch.int32).numpy()


def sample(signal: Tensor) -> Tensor:
    """Every n-th value, channels fastest, at most HISTOGRAM_SAMPLE; n shares no divisor with the channels, so that
    every channel takes part."""
    values = signal.movedim(1, -1).flatten()
    stride = math.ceil(len(values) / HISTOGRAM_SAMPLE)
    while math.gcd(stride, signal.shape[1]) > 1:
        stride += 1
    return values[::stride]


def branch_ratio(seen: Pass) -> Array:
    """(B,) float64 norm of F(x) over the norm of shortcut(x), for each residual block."""
    if not seen.branches:
        return np.empty(0)
    branches, shortcuts = zip(*seen.branches, strict=True)
    with np.errstate(divide="ignore", invalid="ignore"):  # a shortcut of zeros has no ratio
        return _norms(branches) / _norms(shortcuts)


def weight_share(seen: Pass) -> Array:
    """(ledger rows, most sources) share of the sum of |weight| that a layer spends on each source; rest NaN.

    Huang 2017, figure 5 shows the mean |weight| of the same slices; shares also compare across layers.
    """
    rows = seen.net.ledger
    shares = np.full((len(rows), max((len(row.sources) for row in rows), default=0)), np.nan, np.float32)
    if not rows:
        return shares
    # one transfer for all: the sum of |weight| of every input channel, row after row
    sums = torch.cat([row.module.weight.detach().abs().transpose(0, 1).flatten(1).sum(1) for row in rows]).cpu().numpy()
    widths = [width for row in rows for _, width in row.sources]
    by_source = np.add.reduceat(sums, np.cumsum([0, *widths[:-1]]))
    start = 0
    for index, row in enumerate(rows):
        spent = by_source[start : start + len(row.sources)]
        start += len(row.sources)
        with np.errstate(divide="ignore", invalid="ignore"):  # a layer of zeros spends nothing
            shares[index, : len(spent)] = spent / spent.sum()
    return shares


def update_ratio(before: list[Tensor], after: list[Tensor]) -> Array:
    """(L,) float64 norm of each weight's change in one optimiser step over its norm before; NaN where that is 0."""
    changes = torch._foreach_sub([weight.detach() for weight in after], before)
    norms = _norms(before)
    return _norms(list(changes)) / np.where(norms > 0, norms, np.nan)


QUANTITIES: dict[str, Callable[[Pass], Array]] = {
    "weight_grad": weight_grad,
    "signal_grad": signal_grad,
    "agreement": agreement,
    "mean": mean,
    "std": std,
    "dead": dead,
    "histogram": histogram,
    "branch_ratio": branch_ratio,
    "weight_share": weight_share,
}


# Looks from one measurement to the next, of what needs passes of its own: without it a look costs less than half.
EVERY: dict[str, int] = {"agreement": 4}


def _norms(tensors: list[Tensor] | tuple[Tensor, ...]) -> Array:
    return _fetch([torch.linalg.vector_norm(_with_float64(tensor), dtype=torch.float64) for tensor in tensors])


def _direction(tensor: Tensor) -> Tensor:
    """All entries in float64 at norm 1; NaN where the norm is 0. Large: of one layer at a time."""
    exact = _with_float64(tensor).to(torch.float64, copy=True).flatten()
    return exact.div_(torch.linalg.vector_norm(exact))


def _with_float64(tensor: Tensor) -> Tensor:
    """The tensor where float64 can be computed: Apple's GPUs have none."""
    return tensor.cpu() if tensor.device.type == "mps" else tensor


def _fetch(scalars: list[Tensor]) -> Array:
    """Numbers from the device as float64, in one transfer."""
    return torch.stack(scalars).detach().cpu().double().numpy()
