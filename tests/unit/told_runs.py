"""Runs as their Recordings tell of them: losses of the steps, measurements, tests, and how they ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from core.findings.moment import measured_at, moment_of
from core.findings.moments import held
from core.findings.seen import Seen
from core.findings.together import bands
from core.findings.told import Teller, View, by_hand
from core.record.events import StoredEvent, encode
from core.record.past import Past
from core.record.recording import Head, Recording
from core.spec import NetSpec, RunSpec, TrainSpec
from core.spec.names import names
from core.vocabulary.states import Status

LAYERS = 8  # with the classifier
FALLING = np.linspace(2.3, 1.1, 60)
PLAIN = {"skip": False}


class Told:
    """A run that a test makes up."""

    def __init__(
        self,
        net: Mapping[str, Any] | None = None,
        *,
        images: int = 5000,
        losses: Any = (),
        status: Status = "running",
        fork: int | None = None,
        started: Mapping[str, Any] | None = None,
        **train: Any,
    ) -> None:
        self.spec = RunSpec(net=NetSpec.make(**({"depth": 8} | dict(net or {}))), train=TrainSpec(**train))
        self.status = status
        self.fork = fork  # step at which it goes on from the first of the runs that are told of
        self.events: list[StoredEvent] = []
        batch = self.spec.train.batch_size
        usual = {
            "images": images,
            "steps_per_epoch": images // batch,
            "total_steps": 10 * (images // batch),
            "precision": "float32",
            "layers": ["stem", *(f"conv{layer}" for layer in range(2, LAYERS)), "fc"],
            "blocks": ["block1", "block2", "block3"],
            "ledger": [],
        }
        self.add("started", fork or 0, usual | dict(started or {}))
        if len(losses):
            self.train(losses)

    def add(self, kind: str, step: int, payload: Mapping[str, Any]) -> Told:
        self.events.append(StoredEvent(len(self.events) + 1, step, 0.0, kind, encode(payload)))
        return self

    def train(self, losses: Any) -> Told:
        values = np.asarray(losses, np.float32)
        first = (self.fork or 0) + 1
        steps = np.arange(first, first + len(values), dtype=np.int32)
        traces = {"steps": steps, "loss": values, "accuracy": values, "lr": values}
        return self.add("metrics", int(steps[-1]), traces | {"seconds": 1.0, "epoch": 1.0})

    def probe(self, step: int, **quantities: Any) -> Told:
        usual = {"weight_grad": np.ones(LAYERS), "mean": np.zeros(LAYERS), "std": np.ones(LAYERS)}
        usual |= {"update_ratio": np.full(LAYERS, 1e-3), "signal_grad": np.ones(LAYERS)}
        return self.add("probe", step, usual | {name: np.asarray(values) for name, values in quantities.items()})

    def test(self, step: int, epoch: int, accuracy: float | None, **more: Any) -> Told:
        return self.add("evaluation", step, {"epoch": epoch, "test_accuracy": accuracy, "test_loss": None} | more)

    def recording(self, run_id: str = "a") -> Recording:
        past = Past()
        past.add(self.events)
        head = Head(run_id, self.spec.net.name, self.spec, self.status, "", 0.0, 0, None)
        if self.fork is not None:
            head = replace(head, parent="run0", fork_step=self.fork)
        return past.recording(head)


def seen(*runs: Told) -> list[Seen]:
    named = names([run.spec for run in runs])
    return [
        Seen(run.recording(f"run{index}"), brief)
        for index, (run, brief) in enumerate(zip(runs, named.brief, strict=True))
    ]


def said(*runs: Told, step: int | None = None) -> dict[str, Any]:
    """What is said of each view, and of quantities that are chosen in it; and of which steps that is."""
    known = seen(*runs)
    moment = moment_of(known, step)
    specs = [run.spec for run in runs]
    also = [*names(specs).also, *by_hand(known)]
    together = bands(known, specs)

    def finding(view: str, **chosen: Any) -> str:
        looked = View(step, **({"signals": "std"} | chosen))
        sentences = Teller(known, moment, looked, also, together).sentences()
        return sentences[view]["finding"]  # type: ignore[literal-required]

    return {
        "learn": finding("learns"),
        "gradient": finding("gradient"),
        "update": finding("gradient", gradient="update_ratio"),
        "agreement": finding("gradient", gradient="agreement"),
        "signals": finding("signals"),
        "flow": finding("flow"),
        "ledger": finding("flow", flow="weight_share"),
        "held": held(moment),
        "steps": [moment.of(run) for run in known],
        "measured": [look.step for _, look in measured_at(known, moment, "weight_grad")],
    }


def layers(**at: float) -> np.ndarray:
    """1 in every layer but those given: layer5=1600."""
    values = np.ones(LAYERS)
    for name, value in at.items():
        values[int(name.removeprefix("layer")) - 1] = value
    return values
