"""The recipe's widgets: query parameters and clicks -> the fields of a TrainSpec."""

from __future__ import annotations

from typing import Any

from streamlit.delta_generator import DeltaGenerator

from core import said
from core.engine import client
from core.web.fields import number, pick, switch, whole
from core.web.said import say

SCHEDULES = {"Cosine": "cosine", "One cycle": "onecycle", "Step": "step", "Constant": "constant"}
OPTIMIZERS = {"SGD": "sgd", "AdamW": "adamw"}
DECAYS = {"All parameters": "all", "Weights only": "weights"}
AUTO_THREADS = "Automatic"
DEVICE_HELP = "auto: the first GPU that starts and has room, else the CPU."
EPOCH_HELP = "Passes over the training pictures; how many of them one sees is said below."
PRECISIONS = {"Automatic": "auto", "float32": "float32", "bf16": "bf16"}


def recipe_form(main: DeltaGenerator, more: DeltaGenerator) -> dict[str, Any]:
    """Draw the recipe's widgets into the two containers; the fields of a TrainSpec, not yet validated."""
    left, right = main.columns(2)
    return {
        "epochs": whole(left, "Epochs", 1, 10_000, 10, "epochs", help=EPOCH_HELP),
        "lr": number(
            right,
            "Learning rate",
            0.1,
            "lr",
            help="The largest step size of the schedule, such as 0.1, 0,05 or 1e-3. It can be changed while the run "
            "goes on.",
        ),
        **_minibatches(more),
        **_optimizer(more),
        **_hardware(more),
    }


def _minibatches(more: DeltaGenerator) -> dict[str, Any]:
    left, right = more.columns(2)
    with more:
        say(said.LINEAR_RATE)
    return {
        "batch_size": whole(left, "Batch size", 1, 50_000, 128, "batch"),
        "seed": whole(
            right,
            "Seed",
            0,
            2**31 - 1,
            0,
            "seed",
            help="Fixes initial weights, minibatches and augmentation: the same seed gives the same run.",
        ),
        "drop_last": not switch(
            more,
            "Keep the last, smaller minibatch",
            False,
            "keep_last",
            help="On: what fills no whole minibatch is a last, smaller one, as in the BN study. Off: it is left out, "
            "other pictures in each epoch.",
        ),
        "augment": switch(more, "Flip and crop pictures", True, "augment", help="Random flip; pad by 4, random crop."),
    }


def _optimizer(more: DeltaGenerator) -> dict[str, Any]:
    schedule = pick(
        more,
        "Schedule",
        SCHEDULES,
        "schedule",
        help="How the learning rate changes over the run. Step: a tenth at 50 % and again at 75 %, as in He 2015.",
    )
    optimizer = pick(more, "Optimiser", OPTIMIZERS, "optimizer")
    left, right = more.columns(2)
    return {
        "schedule": schedule,
        "optimizer": optimizer,
        "momentum": number(left, "Momentum", 0.9, "momentum", disabled=optimizer != "sgd"),
        "weight_decay": number(right, "Weight decay", 1e-4, "weight_decay"),
        "decay": pick(
            more, "Decay applies to", DECAYS, "decay", help="Weights only spares biases, norms and Fixup's scalars."
        ),
        "warmup_epochs": number(left, "Warm-up epochs", 0.0, "warmup"),
        "grad_clip": number(
            right,
            "Clip gradient",
            0.0,
            "clip",
            help="Largest norm of the whole gradient; what is longer is shortened to it. 0 is off.",
        ),
    }


def _hardware(more: DeltaGenerator) -> dict[str, Any]:
    devices = {device: device for device in ["auto", *client.devices()]}
    threads = {AUTO_THREADS: "auto"} | {str(number): number for number in range(1, client.cores() + 1)}
    return {
        "device": pick(more, "Device", devices, "device", help=" ".join([DEVICE_HELP, *client.device_faults()])),
        "precision": pick(
            more, "Precision", PRECISIONS, "precision", help="bf16 is used where the hardware has instructions for it."
        ),
        "threads": pick(
            more,
            "Threads",
            threads,
            "threads",
            help="CPU cores at work on a run. Automatic: as many as are fast now, fewer while other programs keep "
            "cores busy. Only a fixed number gives the same run again, bit for bit.",
        ),
    }
