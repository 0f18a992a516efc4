"""Which runs a script can repeat. What it does not know is refused, never left out."""

from __future__ import annotations

from pydantic import BaseModel

from core.publish.whole import PublishError
from core.record.recording import Recording
from core.spec import NetSpec, RunSpec, TrainSpec
from core.vocabulary.datasets import name_of
from core.vocabulary.fields import FIELDS

# What the text of a script says, or what changes no loss. A field that is new in a spec is missing here, and refused.
NET = {
    *("family", "form", "stem", "depth", "width", "width_multiplier", "norm", "skip", "shortcut", "shortcut_scale"),
    *("branch_scale", "activation_order", "init", "bottleneck", "stride_on", "groups", "base_width", "se_reduction"),
    *("dropout", "survival_probability", "growth_rate", "compression", "num_classes"),
}
TRAIN = {
    *("data", "epochs", "batch_size", "drop_last", "optimizer", "lr", "momentum", "weight_decay", "decay"),
    *("schedule", "schedule_by", "warmup_steps", "grad_clip", "augment", "seed", "device", "precision", "threads"),
}
VALUES = {  # of the fields that are chosen
    "family": {"resnet", "wide", "densenet", "vgg"},
    "norm": {"batch", "group", "layer", "instance", "none"},
    "shortcut": {"A", "B", "C"},
    "activation_order": {"post", "bn-after-add", "relu-before-add", "relu-only-pre", "pre"},
    "init": {"he", "default", "zero-gamma", "gamma-0.1", "fixup"},
    "stem": {"3x3"},
    "optimizer": {"sgd", "adamw"},
    "decay": {"all", "weights"},
    "schedule": {"constant", "step", "cosine", "onecycle"},
    "schedule_by": {"step", "epoch"},
}
NEEDED = ("spec", "images", "device", "precision", "threads")  # of what a run says as it begins
SETS = {"cifar10", "cifar100", "cifar100-coarse"}


class ScriptError(PublishError):
    """The run cannot be written as a script."""


def check(recording: Recording) -> None:
    """Raises ScriptError where a script could not repeat the run."""
    head = recording.head
    started = recording.last("started")
    if started is None:
        raise ScriptError(f"{head.name} has not begun: a script says how many pictures there were, so train it first.")
    if lacking := [name for name in NEEDED if name not in started]:
        raise ScriptError(f"{head.name} does not say its {lacking[0]} as it began: {_INSTEAD}")
    if head.parent is not None or head.fork_step is not None:
        raise ScriptError(
            f"{head.name} began at step {head.fork_step or 0:,} with the weights of another run, which a script does "
            "not hold: write a script of the run that it came from, or take this one along as a recording or its net."
        )
    spec = RunSpec.make(**started["spec"])
    for part, known, usual in ((spec.net, NET, NetSpec()), (spec.train, TRAIN, TrainSpec())):
        _check_fields(part, known, usual)
    if name_of(spec.train.data) not in SETS:
        raise ScriptError(f"A script does not know how the data set {name_of(spec.train.data)} is read: {_INSTEAD}")


_INSTEAD = "take the run along as a recording instead."


def _check_fields(part: BaseModel, known: set[str], usual: BaseModel) -> None:
    titles = {field.name: field.title for field in FIELDS}
    for name in type(part).model_fields:
        value = getattr(part, name)
        new = name not in known and value != getattr(usual, name)
        if new or value not in VALUES.get(name, {value}):
            raise ScriptError(f"A script does not know {titles.get(name, name)} {value}: {_INSTEAD}")
