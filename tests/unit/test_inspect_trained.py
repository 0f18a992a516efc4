"""Trained nets from files: the net as it was, or one sentence; nothing in a file executes, nothing large is made."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from core.inspect import catalogue
from core.inspect.catalogue import WeightsError, of_file
from core.inspect.trained import restore
from core.nets import build
from core.spec import NetSpec
from core.store.home import ROOT
from core.train import checkpoint
from tests.unit.small_cifar import is_sentence
from tests.unit.small_nets import SPEC, Payload, meta_of, state_of, write

State = dict[str, Tensor]


@pytest.mark.parametrize("spec", [SPEC, NetSpec(family="densenet", depth=10, growth_rate=4), SPEC.but(norm="none")])
def test_the_net_is_as_it_was(tmp_path: Path, spec: NetSpec) -> None:
    expected = build(spec, seed=3).state_dict()
    net = restore(write(tmp_path / "net.safetensors", spec, seed=3)).net
    assert net.spec == spec
    assert not net.training
    assert not any(parameter.requires_grad for parameter in net.parameters())
    found = net.state_dict()
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_it_answers_as_the_net_did_in_eval_mode(tmp_path: Path) -> None:
    trained = restore(write(tmp_path / "net.safetensors"))
    pictures = torch.arange(2 * 32 * 32 * 3).reshape(2, 32, 32, 3).remainder(256)
    mean, std = torch.tensor([0.4914, 0.4822, 0.4465]), torch.tensor([0.2470, 0.2435, 0.2616])
    inputs = ((pictures / 255 - mean) / std).permute(0, 3, 1, 2)
    with torch.no_grad():
        expected = build(SPEC).eval()(inputs)
        torch.testing.assert_close(trained.net(trained.normalise(pictures.numpy())), expected)


def test_what_a_file_says_about_itself(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.safetensors", test_accuracy=0.5, epochs=3, command="python -m core train")
    entry = of_file(path)
    assert (entry.ref, entry.title, entry.path, entry.net, entry.size) == ("mine", "ResNet-8 ×0.25", path, SPEC, 32)
    assert (entry.test_accuracy, entry.epochs, entry.command) == (0.5, 3, "python -m core train")
    plain = of_file(write(tmp_path / "run.safetensors"))
    assert (plain.test_accuracy, plain.epochs, plain.command) == (None, None, "")


def refused(path: Path) -> str:
    with pytest.raises(WeightsError) as error:
        restore(path)
    assert is_sentence(str(error.value).replace(str(path), "It"))
    return str(error.value)


# Files that are no checkpoints ----------------------------------------------------------------------------------------

NOT_WHOLE = "is not a whole checkpoint of this project: choose another one or train again."


def test_a_pickle_is_refused_and_not_executed(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    path = tmp_path / "net.safetensors"
    path.write_bytes(pickle.dumps(Payload(mark)))
    assert NOT_WHOLE in refused(path)
    torch.save({"net": Payload(mark)}, path)
    assert NOT_WHOLE in refused(path)
    torch.save({"net": Payload(mark)}, path, _use_new_zipfile_serialization=False)
    assert NOT_WHOLE in refused(path)
    assert not mark.exists()
    pickle.loads(pickle.dumps(Payload(mark)))  # noqa: S301 - that one would have done harm
    assert mark.exists()


@pytest.mark.parametrize("size", [0, 1, 7, 8, 100, 0.5, 0.99])
def test_cut_short(tmp_path: Path, size: float) -> None:
    path = write(tmp_path / "net.safetensors")
    data = path.read_bytes()
    path.write_bytes(data[: int(size if size >= 1 or size == 0 else size * len(data))])
    assert NOT_WHOLE in refused(path)


def test_no_file_a_folder_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    assert refused(path) == f"There is no checkpoint at {path}: choose another one."
    path.mkdir()
    assert "There is no checkpoint" in refused(path)
    path.rmdir()
    os.mkfifo(path)  # reading it would wait for ever
    assert "There is no checkpoint" in refused(path)


def test_names_that_no_file_can_have(tmp_path: Path) -> None:
    assert "There is no checkpoint" in refused(tmp_path / "nul\0.safetensors")
    assert NOT_WHOLE in refused(tmp_path / ("n" * 5000 + ".safetensors"))


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        {"other": "x"},
        {"meta": ""},
        {"meta": "no JSON"},
        {"meta": "[" * 100_000},
        {"meta": "3"},
        {"meta": "{}"},
        {"meta": '{"spec": 3}'},
        {"meta": '{"spec": {}}'},
        {"meta": '{"spec": {"net": []}}'},
        {"meta": json.dumps(meta_of(test_accuracy="good"))},
        {"meta": json.dumps(meta_of(test_accuracy=91.2))},
        {"meta": json.dumps(meta_of(test_accuracy=float("nan")))},
        {"meta": json.dumps(meta_of(epochs=-1))},
        {"meta": json.dumps(meta_of(epochs=[1]))},
        {"meta": json.dumps(meta_of(command=["rm", "-rf"]))},
    ],
)
def test_meta_that_is_missing_or_makes_no_sense(tmp_path: Path, metadata: dict[str, str] | None) -> None:
    path = tmp_path / "net.safetensors"
    save_file(state_of(), path, metadata)
    assert NOT_WHOLE in refused(path)


@pytest.mark.parametrize(
    "net",
    [
        {"depth": 9},
        {"depth": "deep"},
        {"depth": 10**400},
        {"width": 10**400},
        {"width": 0},
        {"growth_rate": -1, "family": "densenet"},
        {"family": "lenet"},
        {"family": None},
        {"unknown": 1},
        {"num_classes": 10**9},
    ],
)
def test_a_spec_that_is_impossible(tmp_path: Path, net: dict[str, Any]) -> None:
    path = tmp_path / "net.safetensors"
    checkpoint.save(path, state_of(), {"spec": {"net": net}})
    assert refused(path) == f"{path} describes a net that cannot be built: choose another checkpoint."


# Checkpoints whose tensors are not those of their net -----------------------------------------------------------------


def save(path: Path, change: Callable[[State], Any], spec: NetSpec = SPEC) -> Path:
    state = state_of()
    change(state)
    checkpoint.save(path, state, meta_of(spec))
    return path


def test_of_another_architecture(tmp_path: Path) -> None:
    path = save(tmp_path / "net.safetensors", lambda state: None, NetSpec(depth=20))
    assert refused(path) == (
        f"{path} holds weights of another net than ResNet-20 (it has 5,006 parameters): choose another one."
    )


def test_of_another_architecture_with_as_many_parameters(tmp_path: Path) -> None:
    state = {name.replace("branch", "trunk"): tensor for name, tensor in state_of().items()}
    path = tmp_path / "net.safetensors"
    checkpoint.save(path, state, meta_of())
    assert "(stage1.block1.branch.conv1.weight is missing)" in refused(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda state: state.pop("net.fc.bias"), "it has 4,996 parameters"),
        (lambda state: state.pop("net.norm.running_mean"), "norm.running_mean is missing"),
        (lambda state: state.update({"net.extra": torch.zeros(2)}), "it has 5,008 parameters"),
        (lambda state: state.update({"net.x.running_mean": torch.zeros(2)}), "x.running_mean is not of it"),
        (lambda state: state.update({"net.fc.bias": torch.zeros(5, 2)}), "fc.bias is float32 5×2, not float32 10"),
        (lambda state: state.update({"net.fc.bias": torch.zeros(10).half()}), "fc.bias is F16 10, not float32 10"),
        (lambda state: state.update({"net.fc.bias": torch.zeros(10).long()}), "fc.bias is int64 10, not float32 10"),
        (
            lambda state: state.update({"net.norm.num_batches_tracked": torch.zeros(())}),
            "norm.num_batches_tracked is float32 scalar, not int64 scalar",
        ),
        (
            lambda state: [state.pop(name) for name in list(state) if name.startswith("net.")],
            "it has 0 parameters",
        ),
    ],
)
def test_tensors_that_are_not_the_nets(tmp_path: Path, change: Callable[[State], Any], said: str) -> None:
    message = refused(save(tmp_path / "net.safetensors", change))
    assert message.endswith(f"holds weights of another net than ResNet-8 ×0.25 ({said}): choose another one.")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_nan_and_infinity(tmp_path: Path, value: float) -> None:
    path = save(tmp_path / "net.safetensors", lambda state: state["net.stage2.block1.branch.conv2.weight"].fill_(value))
    assert "NaN or infinity in stage2.block1.branch.conv2.weight: choose an earlier checkpoint." in refused(path)


def test_what_only_training_needs_is_neither_read_nor_judged(tmp_path: Path) -> None:
    path = save(tmp_path / "net.safetensors", lambda state: state["optimizer.momentum"].fill_(float("nan")))
    assert restore(path).net.spec == SPEC


def test_other_classes_than_cifars(tmp_path: Path) -> None:
    spec = SPEC.but(num_classes=100)
    path = tmp_path / "net.safetensors"
    checkpoint.save(path, state_of(spec), {"spec": {"net": spec.model_dump()}})
    assert "tells 100 classes apart, not CIFAR-10's 10" in refused(path)


LIMITED = """
import resource, sys
from pathlib import Path
import psutil
from core.inspect.catalogue import WeightsError
from core.inspect.trained import restore

held = psutil.Process().memory_info().vms
resource.setrlimit(resource.RLIMIT_AS, (held + 50_000_000, held + 50_000_000))
try:
    restore(Path(sys.argv[1]))
except WeightsError as error:
    print(error)
"""


@pytest.mark.parametrize(
    "net", [{"depth": 1202, "width": 1024}, {"family": "densenet", "depth": 3004, "growth_rate": 512}]
)
def test_an_enormous_spec_allocates_nothing(tmp_path: Path, net: dict[str, Any]) -> None:
    """317 GB of weights are claimed; not even the net's modules are made, within 50 MB of address space."""
    path = tmp_path / "net.safetensors"
    checkpoint.save(path, state_of(), {"spec": {"net": net}})
    result = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip().endswith("(it has 5,006 parameters): choose another one.")


# Nets that ship -------------------------------------------------------------------------------------------------------


@pytest.fixture
def ships(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder in the place of the one with the nets that ship."""
    folder = tmp_path / "nets"
    folder.mkdir()
    monkeypatch.setattr(catalogue, "SHIPPED", folder)
    catalogue.shipped.cache_clear()
    yield folder
    catalogue.shipped.cache_clear()


def test_shipped_nets_by_name(ships: Path) -> None:
    write(ships / "b.safetensors")
    write(ships / "a.safetensors")
    (ships / "README.txt").write_text("not a net")
    assert [entry.ref for entry in catalogue.shipped()] == ["a", "b"]


def test_a_damaged_one_does_not_take_the_others_down(ships: Path) -> None:
    write(ships / "a.safetensors")
    (ships / "b.safetensors").write_bytes(b"damaged")
    (ships / "c.safetensors").mkdir()
    write(ships / "d.safetensors")
    assert [entry.ref for entry in catalogue.shipped()] == ["a", "d"]


def test_none_at_all(ships: Path) -> None:
    ships.rmdir()
    assert catalogue.shipped() == ()
