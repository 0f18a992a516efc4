"""Published ImageNet nets: torchvision's table, its answers, its files; what is not the published file is refused."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import get_model_weights
from torchvision.transforms import functional

from core.inspect import imagenet
from core.inspect.catalogue import WeightsError
from core.inspect.imagenet import PUBLISHED, Published
from core.inspect.predict import predict
from core.inspect.trained import Trained, of_entry
from tests.unit.small_cifar import is_sentence
from tests.unit.small_nets import Payload, of_torchvision

pytestmark = pytest.mark.slow

PICTURE = np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)


def restored(name: str, folder: Path) -> Trained:
    return of_entry(imagenet.entry(PUBLISHED[name], [folder]))


def refused(name: str, folder: Path) -> str:
    with pytest.raises(WeightsError) as error:
        restored(name, folder)
    assert is_sentence(str(error.value).replace(str(folder), "It"))
    return str(error.value)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_table_is_torchvisions(name: str) -> None:
    published = PUBLISHED[name]
    official = get_model_weights(name)["IMAGENET1K_V1"]
    assert published.name == name
    assert published.url == official.url
    assert published.megabytes == round(official.meta["_file_size"] * 2**20 / 1e6)
    entry = imagenet.entry(published, [])
    assert (entry.ref, entry.classes, entry.size, entry.path) == (name, "imagenet", 224, None)
    assert entry.net.num_classes == len(official.meta["categories"]) == 1000


@pytest.mark.parametrize("name", PUBLISHED)
@torch.no_grad()
def test_weights_in_a_named_folder_answer_as_torchvision_does(tmp_path: Path, name: str) -> None:
    """Theirs from picture to logits, with their own preprocessing; ours through a file."""
    theirs = of_torchvision(name)
    save_file(theirs.state_dict(), tmp_path / f"{name}.safetensors")
    preset = get_model_weights(name)["IMAGENET1K_V1"].transforms()
    inputs = functional.normalize(torch.from_numpy(PICTURE).permute(2, 0, 1) / 255, preset.mean, preset.std)
    expected = theirs(inputs[None])[0].numpy()
    trained = restored(name, tmp_path)
    (tmp_path / f"{name}.safetensors").unlink()  # up to 554 MB
    answer = predict(trained, PICTURE)
    assert 1e-3 < expected.std() < 1e3
    assert np.abs(answer["logits"] - expected).max() < 1e-4
    categories = get_model_weights(name)["IMAGENET1K_V1"].meta["categories"]
    assert answer["classes"] == categories
    assert answer["top"] == np.argsort(-expected)[:10].tolist()
    assert trained.size == 224
    assert not trained.net.training


def old_names(state: dict[str, Any]) -> dict[str, Any]:
    """As the published DenseNets are written: norm.1 for norm1, and no counters of batches."""
    return {
        re.sub(r"(denselayer\d+\.(?:norm|conv))(\d)", r"\1.\2", name): tensor
        for name, tensor in state.items()
        if not name.endswith("num_batches_tracked")
    }


def publish(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, write: Callable[[Path], Any]) -> Path:
    """Make what ``write`` writes the published file."""
    path = folder / "file"
    write(path)
    published = Published(name, hashlib.sha256(path.read_bytes()).hexdigest()[:8], 0)
    monkeypatch.setitem(PUBLISHED, name, published)
    return path.rename(folder / published.file)


@pytest.mark.parametrize("as_archive", [True, False], ids=["archive", "as before torch 1.6"])
@pytest.mark.parametrize(("name", "renamed"), [("resnet18", dict), ("densenet121", old_names)])
@torch.no_grad()
def test_the_published_file_is_read(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    renamed: Callable[[dict[str, Any]], dict[str, Any]],
    as_archive: bool,
) -> None:
    theirs = of_torchvision(name)
    state = renamed(theirs.state_dict())
    publish(
        monkeypatch,
        tmp_path,
        name,
        lambda path: torch.save(state, path, _use_new_zipfile_serialization=as_archive),
    )
    x = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert float((restored(name, tmp_path).net(x) - theirs(x)).abs().max()) < 1e-5


def test_a_wrong_digest_is_refused_and_nothing_executes(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    path = tmp_path / PUBLISHED["resnet18"].file
    torch.save(Payload(mark), path)
    assert refused("resnet18", tmp_path) == (
        f"{path} is not the file that torchvision publishes (its checksum differs): delete it and fetch it again."
    )
    assert not mark.exists()


@pytest.mark.parametrize("as_archive", [True, False])
def test_even_with_the_right_digest_nothing_executes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_archive: bool
) -> None:
    mark = tmp_path / "mark"
    publish(
        monkeypatch,
        tmp_path,
        "resnet18",
        lambda path: torch.save({"fc.bias": Payload(mark)}, path, _use_new_zipfile_serialization=as_archive),
    )
    assert "is not a whole file of weights: delete it and fetch it again." in refused("resnet18", tmp_path)
    assert not mark.exists()


@pytest.mark.parametrize("content", [{}, [1, 2], {"fc.bias": 3}, {3: torch.zeros(1)}])
def test_an_official_file_of_something_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Any) -> None:
    publish(monkeypatch, tmp_path, "resnet18", lambda path: torch.save(content, path))
    assert "weights" in refused("resnet18", tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda state: state.pop("fc.bias"), "(it has 11,688,512 parameters)"),
        (lambda state: state.pop("bn1.running_var"), "(norm.running_var is missing)"),
        (
            lambda state: state.update({"fc.bias": torch.zeros(10, 100)}),
            "(fc.bias is float32 10×100, not float32 1000)",
        ),
        (lambda state: state.update({"fc.bias": torch.zeros(1000).half()}), "(fc.bias is F16 1000, not float32 1000)"),
        (lambda state: state["bn1.bias"].fill_(float("nan")), "NaN or infinity in norm.bias"),
        (lambda state: state.update({"head.0": torch.zeros(1)}), '"head.0" is no parameter of a torchvision ResNet'),
    ],
)
def test_safetensors_that_are_not_the_nets(tmp_path: Path, change: Callable[[Any], Any], said: str) -> None:
    state = of_torchvision("resnet18").state_dict()
    change(state)
    save_file(state, tmp_path / "resnet18.safetensors")
    assert said in refused("resnet18", tmp_path)


def test_safetensors_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "resnet18.safetensors"
    save_file(of_torchvision("resnet18").state_dict(), path)
    path.write_bytes(path.read_bytes()[:1_000_000])
    assert refused("resnet18", tmp_path) == f"{path} is not a whole file of weights: choose another one."


def test_weights_that_are_not_here(tmp_path: Path) -> None:
    assert refused("resnet50", tmp_path) == (
        "The weights of ResNet-50 (ImageNet) are not on this machine: fetch them with "
        '"python -m core fetch --net resnet50", or name the folder that holds them in DEPTHLAB_WEIGHTS.'
    )


def test_the_first_folder_counts(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("none", "first", "second")]
    for folder in folders[1:]:
        folder.mkdir()
        (folder / "resnet18.safetensors").touch()
    assert imagenet.entry(PUBLISHED["resnet18"], folders).path == folders[1] / "resnet18.safetensors"
    (folders[2] / PUBLISHED["resnet18"].file).touch()
    assert imagenet.entry(PUBLISHED["resnet18"], folders[2:]).path == folders[2] / PUBLISHED["resnet18"].file
