"""The fields of a recipe, and of what is watched."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from core.vocabulary.choices import (
    DECAYS,
    OPTIMIZERS,
    PRECISIONS,
    SCHEDULE_BY,
    SCHEDULES,
)
from core.vocabulary.datasets import DATASETS, MARK, USUAL
from core.vocabulary.field import Choice, Field, Integer, Number, Scale, Share, Switch, Text, Type
from core.vocabulary.numbers import percent


def _datasets() -> str:
    """What a folder may hold, and how one of several in it is named."""
    names = [kind.label if name == USUAL else f"{kind.label} (DIR{MARK}{name})" for name, kind in DATASETS.items()]
    return " or ".join(names)


def _train(name: str, label: str, type: Type, help: str = "", **more: Any) -> Field:
    return Field("train", name, label, type, help, **more)


RECIPE_FIELDS: tuple[Field, ...] = (
    _train(
        *("seed", "Seed"),
        Integer(0, 2**31 - 1),
        "Fixes initial weights, minibatches and augmentation: the same seed gives the same run.",
        key="seed",
        words=lambda seed: f"seed {seed}",
    ),
    _train(
        *("lr", "Learning rate"),
        Number(),
        "The largest step size of the schedule, such as 0.1, 0,05 or 1e-3. It can be changed while the run goes on.",
        typed="The largest step size of the schedule.",
        key="lr",
        called="lr",
    ),
    _train(
        *("batch_size", "Batch size"),
        Integer(1, 50_000),
        "Pictures of a minibatch: each step of the training sees one.",
        key="batch",
        words=lambda size: f"batch {size}",
    ),
    _train(
        *("data", "Pictures"),
        Text("sample|DIR"),
        "The bundled sample, or a folder that holds a data set.",
        typed=f"The bundled sample, or a folder that holds {_datasets()}.",
        called="data",
        words=lambda data: f"data {PurePath(data).name or data}",
    ),
    _train(
        *("drop_last", "Keep the last, smaller minibatch"),
        Switch("last minibatch left out", "last minibatch kept", asks_for_no=True),
        "On: what fills no whole minibatch is a last, smaller one, as in the BN study. Off: it is left out, "
        "other pictures in each epoch.",
        typed="Leave out what fills no whole minibatch, or make a last, smaller one of it.",
        key="keep_last",
        called="last minibatch",
    ),
    _train(
        *("epochs", "Epochs"),
        Integer(1, 10_000),
        "Passes over the training pictures; how many of them one sees is said below.",
        typed="Passes over the training pictures.",
        key="epochs",
        words=lambda epochs: f"{epochs:,} {'epoch' if epochs == 1 else 'epochs'}",
    ),
    _train(
        *("precision", "Precision"),
        Choice(PRECISIONS),
        "bf16 is used where the hardware has instructions for it.",
        key="precision",
        words=lambda precision: f"precision {precision}" if precision == "auto" else precision,
    ),
    _train(
        *("schedule", "Schedule"),
        Choice(SCHEDULES),
        "How the learning rate changes over the run. Step: a tenth at 50 % and again at 75 %, as in He 2015.",
        key="schedule",
        words=lambda schedule: f"{schedule} rate",
    ),
    _train(
        *("schedule_by", "Schedule moves"),
        Choice(SCHEDULE_BY),
        "Every epoch: the rate stays what it is at the epoch's first step, as in much published code. "
        "A warm-up grows at every step all the same.",
        key="schedule_by",
        called="schedule by",
        words=lambda unit: f"rate by {unit}",
    ),
    _train(
        *("warmup_steps", "Warm-up steps"),
        Number("auto"),
        "Steps in which the rate grows from 0, in a straight line: a very deep net may not begin to learn at the full "
        "one. auto: from 56 layers on 400 steps, at most a tenth of the run, and none below. He 2015 trained 110 "
        "layers at 0.01 for about 400 steps, and then at 0.1.",
        key="warmup_steps",
        called="warm-up",
        words=lambda steps: f"warm-up {steps if steps == 'auto' else f'{steps:g}'}" if steps else "no warm-up",
    ),
    _train(
        *("optimizer", "Optimiser"),
        Choice(OPTIMIZERS),
        "What makes steps of gradients: SGD with momentum, as in the papers, or AdamW.",
        key="optimizer",
        called="optimizer",
        words=lambda optimizer: OPTIMIZERS[optimizer],
    ),
    _train(*("momentum", "Momentum"), Number(), "Share of the last step that SGD keeps.", key="momentum"),
    _train(
        *("weight_decay", "Weight decay"),
        Number(),
        "Pulls weights toward 0, by this share of them times the rate at each step.",
        key="weight_decay",
        words=lambda decay: f"decay {decay:g}",
    ),
    _train(
        *("decay", "Decay applies to"),
        Choice(DECAYS),
        "Weights only spares biases, norms and Fixup's scalars.",
        key="decay",
        called="what decays",
        words=lambda what: f"decay on {what}",
    ),
    _train(
        *("grad_clip", "Clip gradient"),
        Number(),
        "Largest norm of the whole gradient; what is longer is shortened to it. 0 is off.",
        key="clip",
        called="clipping",
        words=lambda norm: f"clip {norm:g}" if norm else "no clipping",
    ),
    _train(
        *("augment", "Flip and crop pictures"),
        Switch("augmented", "not augmented"),
        "Random flip; pad by 4, random crop.",
        key="augment",
        called="augmentation",
    ),
    _train(
        *("device", "Device"),
        Text(),
        "auto: the first GPU that starts and has room, else the CPU.",
        key="device",
        words=lambda device: f"device {device}",
    ),
    _train(
        *("threads", "Threads"),
        Scale((), "auto"),
        "CPU cores at work on a run. Automatic: as many as are fast now, fewer while other programs keep cores busy. "
        "Only a fixed number gives the same run again, bit for bit.",
        typed="auto: as many as are fast now; a fixed number gives the same run again, bit for bit.",
        key="threads",
        matters=False,
    ),
)
PROBE_FIELDS: tuple[Field, ...] = (
    Field("probes", "enabled", "Watching", Switch("watched", "not watched"), matters=False),
    Field(
        *("probes", "images", "Probe images", Integer(2, 512)),
        matters=False,
        words=lambda images: f"{images} probe images",
    ),
    Field(
        *("probes", "budget", "Probe budget", Share(0.01, 0.01)),
        matters=False,
        words=lambda budget: f"probe budget {percent(budget, 0)}",
    ),
    Field(
        *("probes", "film", "Keep a film", Integer(0, 60)),
        "Keeps up to 60 checkpoints, evenly on a log axis of steps, to be walked through, pinned and gone on from. "
        "What is learnt is the same without it.",
        typed="Keep up to so many checkpoints, evenly on a log axis of steps; what is learnt is the same without",
        key="film",
        matters=False,
        words=lambda frames: f"film of {frames}" if frames else "no film",
    ),
)
