"""The recipe's widgets: query parameters and clicks -> the fields of a TrainSpec."""

from __future__ import annotations

from typing import Any

from streamlit.delta_generator import DeltaGenerator

from core import said
from core.engine import client
from core.spec import TrainSpec
from core.vocabulary.fields import TRAIN
from core.web.controls import Row, control, draw_rows, layout
from core.web.said import say

AUTO_THREADS = "Automatic"
MAIN: tuple[Row, ...] = (("epochs", "lr"),)
MINIBATCHES: tuple[Row, ...] = (("batch_size", "seed"),)
MORE: tuple[Row, ...] = (
    *("drop_last", "augment", "schedule", "optimizer", ("momentum", "weight_decay"), "decay"),
    *(("warmup_steps", "grad_clip"), "device", "precision", "threads"),
)
PLACED = ("epochs", "lr", "batch_size", "seed")


def recipe_form(main: DeltaGenerator, more: DeltaGenerator) -> dict[str, Any]:
    """Draw the recipe's widgets into the two containers; the fields of a TrainSpec, not yet validated."""
    usual = TrainSpec().model_dump()
    fields: dict[str, Any] = {}

    def draw(where: DeltaGenerator, name: str) -> None:
        fields[name] = control(where, TRAIN[name], usual[name], {}, **_here(name, fields))

    def rows(where: DeltaGenerator, rows: tuple[Row, ...] | list[Row]) -> None:
        draw_rows(where, rows, lambda name: True, draw)

    rows(main, MAIN)
    rows(more, MINIBATCHES)
    with more:
        say(said.LINEAR_RATE)
    rows(more, layout(MORE, TRAIN, PLACED))
    return fields


def _here(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    """What a widget takes from this machine, or from what is chosen above it."""
    if name == "momentum":
        return {"disabled": fields["optimizer"] != "sgd"}
    if name == "threads":
        return {"options": {AUTO_THREADS: "auto"} | {str(number): number for number in range(1, client.cores() + 1)}}
    if name == "device":
        devices = {device: device for device in ["auto", *client.devices()]}
        return {"options": devices, "help": " ".join([TRAIN["device"].help, *client.device_faults()])}
    return {}
