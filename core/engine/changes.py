"""What may be changed in a run that goes on from where another one was: the spec and what comes of it, or why not."""

from __future__ import annotations

import math
from typing import Any

from core.arith.surgery import surgery
from core.spec import Epoch, NetSpec, RunSpec, SpecError, TrainSpec
from core.vocabulary.fields import NET, TRAIN

# what leaves most weights, and the order of the pictures, what they are
NET_FIELDS = (
    *("norm", "skip", "shortcut", "activation_order"),
    *("dropout", "survival_probability", "branch_scale", "shortcut_scale"),
)
TRAIN_FIELDS = (
    *("epochs", "lr", "batch_size", "optimizer", "momentum", "weight_decay", "decay", "schedule", "schedule_by"),
    *("warmup_steps", "grad_clip", "augment", "device", "precision", "threads"),
)
LEAST = 0.5  # of the numbers in a net's weights, which must be kept for it to be the same run
GAMMA = ("zero-gamma", "gamma-0.1")  # say how the norms of new nets begin


def forked(spec: RunSpec, net: dict[str, Any], train: dict[str, Any]) -> RunSpec:
    """The spec with fields changed. Raises SpecError where they may not be, or where nothing is changed."""
    for fields, allowed, words in ((net, NET_FIELDS, NET), (train, TRAIN_FIELDS, TRAIN)):
        if fixed := next((name for name in fields if name not in allowed), None):
            free = ", ".join(words[name].label for name in allowed)
            raise SpecError(
                f"{words[fixed].label} cannot be changed on the way, as weights or pictures would not fit: "
                f"change {free}, or start a new run."
            )
    made = RunSpec.make(net=_changed(spec.net, net), train=spec.train.but(**train), probes=spec.probes)
    if made == spec:
        raise SpecError("Nothing is changed: choose what is to be otherwise from there on.")
    _check_weights(spec.net, made.net)
    return made


def told(was: RunSpec, now: RunSpec, images: int, step: int) -> list[str]:
    """What comes of the weights, the optimiser's memory and the minibatches of a run that is cut at that step of its
    own and goes on by another spec, in sentences; ``images`` are its training pictures."""
    said = list(surgery(was.net, now.net).said) if was.net != now.net else []
    return [*said, *_memory(was, now), *_minibatches(was.train.epoch(images), now.train.epoch(images), step)]


def _changed(net: NetSpec, fields: dict[str, Any]) -> NetSpec:
    """How norms begin in a new net is of no concern here, and no reason against a net without them."""
    try:
        return net.but(**fields)
    except SpecError:
        if net.init not in GAMMA:
            raise
        return net.but(**fields, init="he")


def _check_weights(net: NetSpec, other: NetSpec) -> None:
    if net == other:
        return
    made = surgery(net, other)
    if made.share < LEAST:
        raise SpecError(
            f"{made.said[0].removesuffix('.')}: {other.name} could go on with too little of what {net.name} has "
            "learnt, so start a new run."
        )


def _memory(was: RunSpec, now: RunSpec) -> list[str]:
    """Of the optimiser."""
    if was.train.optimizer != now.train.optimizer:
        return ["The optimiser's memory of earlier gradients begins at 0."]
    if _remembers(was.train) != _remembers(now.train):
        begins = "begins at 0" if _remembers(now.train) else "is dropped"
        return [f"The optimiser's memory of earlier gradients {begins}."]
    made = surgery(was.net, now.net)
    if not _remembers(now.train) or made.kept == made.tensors:
        return []
    return ["The optimiser's memory of earlier gradients is kept for what is kept, and begins at 0 for the rest."]


def _remembers(train: TrainSpec) -> bool:
    return train.optimizer == "adamw" or train.momentum > 0


def _minibatches(was: Epoch, now: Epoch, step: int) -> list[str]:
    if was == now:
        return []
    place, most = now.place(step, was), now.batch_size - math.gcd(was.batch_size, now.batch_size)
    text = (
        f"The pictures come in the same order from the same place, {now.batch_size:,} at a time: step {step:,} of "
        f"{was.batch_size:,} is step {place:,} of {now.batch_size:,}, and an epoch has {now.steps:,} of them."
    )
    return [text, f"Where that is within a minibatch, up to {most:,} pictures are seen again."] if most else [text]
