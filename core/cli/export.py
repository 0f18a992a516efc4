"""``python -m core export``: a run's net as a small file of its own, with its accuracy and how to make it again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from core.answers import networks
from core.data.files import load
from core.engine import client
from core.inspect.catalogue import PRECISION, SUFFIX
from core.spec import PRESETS, NetSpec, RunSpec, Spec, TrainSpec
from core.spec.warmup import DEEP
from core.store import kept
from core.store.store import EngineError
from core.vocabulary.datasets import SAMPLE, joined, name_of
from core.vocabulary.field import Field
from core.vocabulary.fields import NET, TRAIN
from core.vocabulary.numbers import percent


def export(ref: str, target: Path) -> None:
    """Write the net of a run's newest checkpoint (``ref`` is its id), of its best epoch (``id@best``) or of another
    checkpoint (``id@step``): weights and buffers, no optimiser state. The accuracy over the whole test set of the run's
    data is measured anew, in float32. Raises EngineError, DataError or WeightsError."""
    store = client.store()
    run_id, _, which = ref.partition("@")
    run = store.known(run_id)
    entry = networks.of_run(run, which, store)
    assert entry.path
    chosen = kept.CHOSEN if which == networks.BEST else ""
    if target.suffix != SUFFIX:
        raise EngineError(f"{target} is not the name of a checkpoint: let it end in {SUFFIX}.")
    if not target.parent.is_dir():
        raise EngineError(f"There is no folder {target.parent} to write into: make it or choose another one.")
    from core.inspect.predict import accuracy  # these import torch: only once there is something to do
    from core.inspect.trained import restore
    from core.train import checkpoint

    try:
        state, meta = checkpoint.load(entry.path)
        measured = accuracy(restore(entry.path), load(run.spec.train.data))
        weights = {name: tensor for name, tensor in state.items() if name.startswith("net.")}
        meta = {
            "step": meta["step"],
            "spec": _portable(run.spec).model_dump(mode="json"),
            "epochs": entry.epochs,
            "test_accuracy": measured,
            "precision": PRECISION,
            "chosen": chosen,
            "command": command(run.spec),
        }
        checkpoint.save(target, weights, meta)
    except checkpoint.CheckpointError as error:
        raise EngineError(str(error)) from None
    size = f"{target.stat().st_size / 1e6:.2f} MB"
    what = ", ".join(part for part in (run.name, chosen) if part)
    print(f"{target}: {what}, {percent(measured, 2)} of the test pictures in {PRECISION}, {size}")


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
    recipe = _portable(spec).train
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


def _portable(spec: RunSpec) -> RunSpec:
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
