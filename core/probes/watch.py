"""The watcher: when to look at a net in training, how to look without changing the run, and what looking costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.nets import Net
from core.probes.quantities import EVERY, QUANTITIES, Pass, update_ratio
from core.probes.taps import tap
from core.probes.timing import Cadence, Pace, Stopwatch, synchronize
from core.spec import ProbeSpec

Autocast = Callable[[], AbstractContextManager[Any]]


class Watcher:
    """Looks at a net through a separate pass over a fixed probe batch, in train mode and under training's autocast.

    One look is ``observe`` before an optimiser step and ``after_update`` behind it.
    """

    def __init__(
        self,
        net: Net,
        images: Tensor,
        labels: Tensor,
        spec: ProbeSpec,
        autocast: Autocast,
        steps_per_epoch: int = 0,
    ) -> None:
        self.net = net
        self.images = images  # (B, 3, 32, 32), normalised, on the net's device
        self.labels = labels  # (B,)
        self.autocast = autocast
        self.pace = Pace(spec.budget, steps_per_epoch)
        self.cadence = Cadence(self.pace)  # of nets that are looked at together one
        self._weights: list[Tensor] = [layer.module.weight for layer in net.layers]
        self._before: list[Tensor] = []  # the weights before the update
        self._looks = 0  # so far
        self._cost: dict[str, float] = {}  # seconds of each part of the latest look
        self._whole = Stopwatch()  # the latest look with everything

    def due(self, step: int) -> bool:
        """Whether to look after ``step`` steps."""
        return self.cadence.due(step)

    def observe(self) -> dict[str, Any]:
        """Payload of a ``probe`` event, but for what :meth:`after_update` adds. The next optimiser step must follow."""
        self._cost = {}
        self._whole = Stopwatch()
        with self._whole:
            with unchanged(self.net):
                payload = self._measure()
            with self._timed("update_ratio"):
                self._before = [weight.detach().clone() for weight in self._weights]
        return payload

    def after_update(self, asked: bool = False) -> dict[str, Any]:
        """The rest of the payload: ``update_ratio`` and ``cost``.

        A look that the user ``asked`` for, by stepping, is not charged to the budget.
        """
        with self._whole, self._timed("update_ratio"):
            ratio = update_ratio(self._before, self._weights)
        self._before = []
        pay = self.pace.measure if asked else self.pace.charge
        pay(self._whole.seconds)
        return {"update_ratio": ratio, "cost": self._cost}

    def _measure(self) -> dict[str, Any]:
        layers, blocks = self.net.layers, self.net.blocks
        modules = [layer.signal for layer in layers] + [layer.relu for layer in layers if layer.relu]
        modules += [part for block in blocks for part in (block.branch, block.shortcut)]
        with torch.enable_grad():
            with self._timed("forward"), tap(modules) as outputs:
                with self.autocast():
                    logits = self.net(self.images)
                loss = functional.cross_entropy(logits.float(), self.labels)
            signals = [outputs[layer.signal] for layer in layers]
            with self._timed("backward"):  # autograd.grad leaves .grad alone
                gradients = torch.autograd.grad(loss, self._weights + signals)
        seen = Pass(
            net=self.net,
            signals=[signal.detach() for signal in signals],
            activations=[outputs[layer.relu].detach() if layer.relu else None for layer in layers],
            branches=[(outputs[block.branch].detach(), outputs[block.shortcut].detach()) for block in blocks],
            weight_gradients=list(gradients[: len(layers)]),
            signal_gradients=list(gradients[len(layers) :]),
            again=self._again,
        )
        payload = {}
        for name, quantity in QUANTITIES.items():
            if self._looks % EVERY.get(name, 1) == 0:
                with self._timed(name):
                    payload[name] = quantity(seen)
        self._looks += 1
        return payload

    def _again(self, part: slice) -> list[Tensor]:
        """Weight gradients of another pass, over part of the probe batch."""
        with torch.enable_grad():
            with self.autocast():
                logits = self.net(self.images[part])
            loss = functional.cross_entropy(logits.float(), self.labels[part])
            return list(torch.autograd.grad(loss, self._weights))

    @contextmanager
    def _timed(self, part: str) -> Iterator[None]:
        """Add the seconds of the block, on the device, to the cost of that part."""
        synchronize(self.images.device)
        with Stopwatch() as watch:
            yield
            synchronize(self.images.device)
        self._cost[part] = self._cost.get(part, 0.0) + watch.seconds


@contextmanager
def unchanged(net: nn.Module) -> Iterator[None]:
    """Run the net in train mode inside the block; afterwards modes, buffers and random states are as before."""
    buffers = [(buffer, buffer.clone()) for buffer in net.buffers()]
    modes = [(module, module.training) for module in net.modules()]
    device = next(net.parameters()).device
    with torch.random.fork_rng([device.index] if device.type == "cuda" else []):
        try:
            net.train()
            yield
        finally:
            for module, training in modes:
                module.training = training
            for buffer, before in buffers:
                buffer.copy_(before)
