"""What the inference worker says of nets: those of a run that goes on, and those that cannot be had."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.answers import inspecting
from core.answers.warm import Nets
from core.check import never
from core.data.files import load
from core.engine import client
from core.inspect.catalogue import WeightsError
from core.nets import build
from core.processes.failures import sentence
from core.spec import NetSpec
from core.store.store import EngineError
from core.train import checkpoint
from tests.engine.engines import Engine, tiny

PICTURE = load("sample").test_images[0].transpose(1, 2, 0)


def predicted(net: str, nets: Nets | None = None, picture: np.ndarray = PICTURE) -> np.ndarray:
    return inspecting.answer_predict({"net": net, "picture": picture}, Nets() if nets is None else nets, never)[
        "probabilities"
    ]


def test_a_run_is_asked_while_it_trains(engine: Engine) -> None:
    """A snapshot each time, of the newest checkpoint; the run does not notice."""
    run = client.submit(tiny(epochs=1000, watched=False))
    nets = Nets()

    def until_checkpoint_after(step: int) -> int:
        reached = engine.until(
            lambda: [event.step for event in engine.events(run, "checkpoint") if event.step > step],
            f"there is a checkpoint after step {step}",
        )
        return reached[-1]

    first = until_checkpoint_after(0)
    before = predicted(run, nets)
    until_checkpoint_after(first + 50)
    assert np.abs(predicted(run, nets) - before).max() > 0
    assert engine.run(run).status == "running"
    assert len(nets) == 2  # the older one stays as it was


def damaged(folder: Path) -> dict[str, Any]:
    """References of nets that cannot be had, and what is said of each."""
    spec = NetSpec(depth=8, width=4)
    state = {f"net.{name}": tensor for name, tensor in build(spec).state_dict().items()}
    names = {name: folder / f"{name}.safetensors" for name in ("pickle", "nan", "other", "cut", "none")}
    names["pickle"].write_bytes(pickle.dumps({"net": 1}))
    checkpoint.save(
        names["nan"], state | {"net.fc.bias": torch.full((10,), torch.nan)}, {"spec": {"net": spec.model_dump()}}
    )
    checkpoint.save(names["other"], state, {"spec": {"net": {"depth": 20}}})
    checkpoint.save(names["cut"], state, {"spec": {"net": spec.model_dump()}})
    names["cut"].write_bytes(names["cut"].read_bytes()[:-1000])
    return {
        "nobody": "There is no trained net",
        str(names["none"]): "There is no checkpoint at",
        str(names["pickle"]): "is not a whole checkpoint",
        str(names["cut"]): "is not a whole checkpoint",
        str(names["other"]): "holds weights of another net",
        str(names["nan"]): "holds NaN or infinity in fc.bias",
        "resnet50": "are not on this machine",
    }


@pytest.mark.parametrize("number", range(7))
def test_nets_that_cannot_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    ref, said = list(damaged(tmp_path).items())[number]
    nets = Nets()
    with pytest.raises((WeightsError, EngineError), match=said) as error:
        predicted(ref, nets)
    assert sentence(error.value, tmp_path, "request") == str(error.value)
    assert len(nets) == 0


def test_scoring_is_cancelled_between_batches() -> None:
    """And asked for pictures that are not there, it says so."""

    class Left(Exception):  # noqa: N818
        pass

    asked = iter([None, None])

    def check() -> None:
        if next(asked, Left) is Left:
            raise Left

    request = {"net": "smallresnet", "data": "sample", "start": 0, "count": 1000}
    with pytest.raises(Left):
        inspecting.answer_score(request, Nets(), check)
    with pytest.raises(EngineError, match="There are 1,000 test pictures"):
        inspecting.answer_score(request | {"start": 1000}, Nets(), never)
    last = inspecting.answer_score(request | {"start": 990}, Nets(), never)["probabilities"]
    assert last.shape == (10, 10)
