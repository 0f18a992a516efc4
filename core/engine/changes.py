"""What may be changed in a run that goes on from where another one was: the new spec, or why not."""

from __future__ import annotations

from typing import Any

from core.arith import describe
from core.spec import NetSpec, RunSpec, SpecError, TrainSpec
from core.vocabulary.fields import NET, TRAIN

# what leaves weights, optimiser state and minibatches what they are
NET_FIELDS = ("skip", "dropout", "survival_probability", "branch_scale", "shortcut_scale")
TRAIN_FIELDS = (
    *("epochs", "lr", "momentum", "weight_decay", "decay", "schedule", "schedule_by", "warmup_steps", "augment"),
    *("device", "precision", "threads"),
)


def forked(spec: RunSpec, net: dict[str, Any], train: dict[str, Any]) -> RunSpec:
    """The spec with fields changed. Raises SpecError where they may not be, or where nothing is changed."""
    for fields, allowed, words in ((net, NET_FIELDS, NET), (train, TRAIN_FIELDS, TRAIN)):
        if fixed := next((name for name in fields if name not in allowed), None):
            free = ", ".join(words[name].label for name in allowed)
            raise SpecError(
                f"{words[fixed].label} cannot be changed on the way, as weights, optimiser or minibatches would not "
                f"fit: change {free}, or start a new run."
            )
    made = RunSpec.make(net=spec.net.but(**net), train=spec.train.but(**train), probes=spec.probes)
    if made == spec:
        raise SpecError("Nothing is changed: choose what is to be otherwise from there on.")
    _check_weights(spec.net, made.net)
    _check_optimizer(spec.train, made.train)
    return made


def _check_weights(net: NetSpec, other: NetSpec) -> None:
    had, needed = describe(net), describe(other)
    if (had.params, had.norm_params) != (needed.params, needed.norm_params):
        raise SpecError(
            f"{net.name} and {other.name} do not have the same weights ({had.params:,} and {needed.params:,}): "
            "skips can be switched where shortcuts have none of their own (option A), else start a new run."
        )


def _check_optimizer(train: TrainSpec, other: TrainSpec) -> None:
    if train.optimizer == "sgd" and bool(train.momentum) != bool(other.momentum):
        raise SpecError(
            f"Momentum cannot go from {train.momentum:g} to {other.momentum:g} on the way, as without it nothing is "
            "remembered of earlier gradients: choose another value above 0, or start a new run."
        )
