"""The lesson of ``model.eval()``: in train mode batch norm uses the batch, so an answer depends on its company."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.check import Check
from core.inspect.trained import Trained
from core.nets.random import Dropout, StochasticDepth
from core.probes.taps import tap_inputs
from core.probes.watch import unchanged
from core.record.answers import Modes, Statistics

CHANCE: dict[str, type[nn.Module]] = {"dropout": Dropout, "stochastic depth": StochasticDepth}


def modes(
    trained: Trained, picture: np.ndarray, others: np.ndarray, company: int, batches: int, seed: int, check: Check
) -> Modes:
    """The picture (S, S, 3) within ``batches`` batches of ``company`` pictures, itself the first, the rest drawn from
    ``others`` (N, S', S', 3), which are resized where the net reads another size. The net is afterwards as before.

    ``eval`` and ``train`` (batches, K): its probabilities in both modes, of the ``classes`` (K names). Of the N batch
    norms: ``layers`` names (N,); ``running_mean``, ``running_std``, ``batch_mean``, ``batch_std`` (N,): averages over
    the channels, those of the batch over all batches as well; ``shift`` (N,): how far batch means are from running
    ones, |batch mean - running mean| / running std, averaged over channels and batches. ``chance``: names of what
    differs in train mode whatever the company.
    """
    net = trained.net
    norms = {name: module for name, module in net.named_modules() if isinstance(module, nn.BatchNorm2d)}
    first = trained.normalise(picture[None])
    random = np.random.default_rng(seed)
    drawn = [others[random.choice(len(others), company - 1, replace=False)] for _ in range(batches)]
    inputs = [torch.cat([first, resized(trained.normalise(pictures), trained.size)]) for pictures in drawn]
    evaluated, in_training, moments = [], [], []
    with unchanged(net), torch.no_grad():
        net.eval()
        for batch in inputs:  # all of them first: a pass in train mode changes the running statistics
            check()
            evaluated.append(net(batch)[0].softmax(0))
        net.train()
        for batch in inputs:
            check()
            with tap_inputs(norms.values()) as read:
                in_training.append(net(batch)[0].softmax(0))
            moments.append([torch.var_mean(read[norm], (0, 2, 3), correction=0) for norm in norms.values()])
    return {
        "classes": list(trained.classes),
        "eval": torch.stack(evaluated).numpy(),
        "train": torch.stack(in_training).numpy(),
        "layers": list(norms),
        "chance": [name for name, kind in CHANCE.items() if any(isinstance(module, kind) for module in net.modules())],
        **statistics(list(norms.values()), moments),
    }


def statistics(norms: list[nn.BatchNorm2d], moments: list[list[tuple[Tensor, Tensor]]]) -> Statistics:
    """Running statistics of each norm beside those of the batches; moments[batch][norm] is (variance, mean) (C,)."""
    rows = []
    for index, norm in enumerate(norms):
        assert norm.running_mean is not None
        assert norm.running_var is not None
        mean, std = norm.running_mean, (norm.running_var + norm.eps).sqrt()
        means = torch.stack([batch[index][1] for batch in moments])  # (batches, C)
        stds = torch.stack([(batch[index][0] + norm.eps).sqrt() for batch in moments])
        rows.append(
            torch.stack([mean.mean(), std.mean(), means.mean(), stds.mean(), ((means - mean).abs() / std).mean()])
        )
    columns = torch.stack(rows, 1).numpy() if rows else np.empty((5, 0), np.float32)
    running_mean, running_std, batch_mean, batch_std, shift = columns
    return {
        "running_mean": running_mean,
        "running_std": running_std,
        "batch_mean": batch_mean,
        "batch_std": batch_std,
        "shift": shift,
    }


def resized(images: Tensor, size: int) -> Tensor:
    """(B, 3, S, S) -> (B, 3, size, size), bilinear."""
    if images.shape[2] == size:
        return images
    return functional.interpolate(images, (size, size), mode="bilinear", align_corners=False)
