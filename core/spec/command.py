"""What to type to train a run again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from core.spec.base import Spec
from core.spec.net import NetSpec
from core.spec.presets import PRESETS
from core.spec.run import RunSpec, TrainSpec
from core.spec.warmup import DEEP
from core.vocabulary.datasets import SAMPLE, joined, name_of
from core.vocabulary.field import Field
from core.vocabulary.fields import NET, TRAIN


def command(spec: RunSpec) -> str:
    """What to type to train it again; DIR stands for the folder that holds the pictures.

    The number of classes goes without saying, because it follows from them, and so does no warm-up of a net that would
    have none.
    """
    net = spec.net.but(num_classes=NetSpec().num_classes)
    names = [name for name, known in PRESETS.items() if known == net]
    words = ["python", "-m", "core", "train", *names[:1]]
    if not names:
        words += _words_of(net)
    recipe = portable(spec).train
    if recipe.warmup_steps == 0 and net.depth < DEEP:
        recipe = recipe.but(warmup_steps="auto")
    words += _changed(recipe, TrainSpec(), TRAIN)
    return shlex.join([*words, "--seed", "0"] if recipe.seed == 0 else words)


def _words_of(net: NetSpec) -> list[str]:
    """Its family, form and kind of block, which decide what is usual, and all that is not, but for the classes."""
    first = {name: field for name, field in NET.items() if name in ("form", "bottleneck")}
    usual = NetSpec.make(family=net.family, **{name: getattr(net, name) for name in first})
    rest = {name: field for name, field in NET.items() if name not in (*first, "num_classes")}
    kind = _changed(net, NetSpec.make(family=net.family), first)
    return ["--family", net.family, *kind, *_changed(net, usual, rest)]


def portable(spec: RunSpec) -> RunSpec:
    """Without the place where the pictures lay."""
    data = spec.train.data
    return spec if data == SAMPLE else spec.but(train=spec.train.but(data=joined("DIR", name_of(data))))


def _changed(spec: Spec, default: Spec, fields: Mapping[str, Field]) -> list[str]:
    words = []
    for name, field in fields.items():
        value = getattr(spec, name)
        if value == getattr(default, name):
            continue
        if isinstance(value, bool):
            words += [field.flag if value else field.flag.replace("--", "--no-", 1)]
        else:
            words += [field.flag, str(value)]
    return words
