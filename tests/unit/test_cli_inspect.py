"""predict, evaluate and export as people type them."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from core.cli.arguments import parse, run_of
from core.data.files import load
from core.inspect.catalogue import of_file
from core.inspect.trained import restore
from core.nets import build
from core.record.events import Event
from core.spec import NetSpec, RunSpec, TrainSpec
from core.store.home import ROOT
from core.store.identity import Identity
from core.store.store import Store
from core.vocabulary.datasets import DATASETS
from tests.commands import Done, called, started
from tests.unit.small_nets import SPEC, of_torchvision, write

CLASSES = DATASETS["cifar10"].classes
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small net gains nothing by two, and waits for both where other work wants the cores."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def said(*words: object, run: Callable[..., Done] = called) -> dict[str, Any]:
    result = run(*words, "--json")
    assert (result.returncode, result.stderr) == (0, "")
    return json.loads(result.stdout)


def refused(*words: object) -> str:
    result = called(*words)
    assert (result.returncode, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.endswith(".\n")
    return result.stderr


@pytest.fixture
def net(tmp_path: Path) -> Path:
    return write(tmp_path / "net.safetensors")


@pytest.fixture
def cat(tmp_path: Path) -> Path:
    """A test picture of the sample, which a net of CIFAR-10 sees as it is."""
    Image.fromarray(load("sample").test_images[3].transpose(1, 2, 0)).save(tmp_path / "cat.png")
    return tmp_path / "cat.png"


def by_hand(spec: NetSpec, images: np.ndarray) -> np.ndarray:
    """(N, 3, 32, 32) -> probabilities (N, 10) of a freshly built net, without core.inspect."""
    mean, std = torch.tensor([0.4914, 0.4822, 0.4465]), torch.tensor([0.2470, 0.2435, 0.2616])
    with torch.no_grad():
        inputs = (torch.from_numpy(images) / 255 - mean.view(3, 1, 1)) / std.view(3, 1, 1)
        return build(spec).eval()(inputs).softmax(1).numpy()


# predict --------------------------------------------------------------------------------------------------------------


def test_predict(net: Path, cat: Path) -> None:
    answer = said("predict", cat, "--net", net, run=started)
    assert answer.keys() == {"net", "classes", "notes", "top"}
    assert (answer["net"], answer["classes"], answer["notes"]) == (str(net), "cifar10", [])
    [expected] = by_hand(SPEC, load("sample").test_images[3:4])
    order = np.argsort(-expected)[:5]
    assert [row["index"] for row in answer["top"]] == order.tolist()
    assert [row["class"] for row in answer["top"]] == [CLASSES[index] for index in order]
    assert [row["probability"] for row in answer["top"]] == pytest.approx(expected[order].tolist(), rel=1e-4)


@pytest.mark.parametrize(("top", "rows"), [(1, 1), (10, 10), (500, 10)])
def test_predict_as_many_classes_as_asked(net: Path, cat: Path, top: int, rows: int) -> None:
    answer = said("predict", cat, "--net", net, "--top", top)
    assert len(answer["top"]) == rows
    assert sum(row["probability"] for row in answer["top"]) <= 1 + 1e-6


def test_predict_sees_the_central_square_and_says_what_it_did(net: Path, cat: Path, tmp_path: Path) -> None:
    wide = Image.new("RGBA", (96, 32), (0, 0, 0, 0))
    wide.paste(Image.open(cat), (32, 0))
    wide.save(tmp_path / "wide.png")
    answer = said("predict", tmp_path / "wide.png", "--net", net)
    assert answer["top"] == said("predict", cat, "--net", net)["top"]
    assert answer["notes"] == ["What is transparent was put on white."]


def test_predict_for_people(net: Path, cat: Path) -> None:
    head, *rows = called("predict", cat, "--net", net, "--top", "3").stdout.splitlines()
    assert head == "ResNet-8 ×0.25 · net.safetensors about the central square of cat.png:"
    assert len(rows) == 3
    assert all(row.split()[1] == "%" and row.split()[2] in CLASSES for row in rows)


def test_predict_with_imagenet_weights_from_a_named_folder(
    cat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_file(of_torchvision("resnet18").state_dict(), tmp_path / "resnet18.safetensors")
    monkeypatch.setenv("DEPTHLAB_WEIGHTS", str(tmp_path))
    answer = said("predict", cat, "--net", "resnet18", "--top", 1000)
    assert (answer["net"], answer["classes"], len(answer["top"])) == ("resnet18", "imagenet", 1000)
    assert sum(row["probability"] for row in answer["top"]) == pytest.approx(1, abs=1e-4)
    assert {row["class"] for row in answer["top"]} >= {"tench", "toilet tissue"}


def test_predict_with_a_run_that_goes_on(home: Path, cat: Path) -> None:
    store = Store(home)
    run = store.create_run(RunSpec(net=SPEC), owner="cli", holder=Identity.me())
    write(store.folder(run) / "checkpoint-50.safetensors")
    assert said("predict", cat, "--net", run)["net"] == f"{run}@50"


UTF8 = {"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}  # strict, where a locale of C would let anything pass


@pytest.fixture
def others(tmp_path: Path) -> list[Path]:
    """Three more test pictures, with names that people, shells and cameras give."""
    names = [os.fsdecode(b"caf\xe9.png"), "two\nlines.png", "<b>ship.JPG"]
    for index, name in enumerate(names):
        image = Image.fromarray(load("sample").test_images[10 + index].transpose(1, 2, 0))
        image.save(tmp_path / name, "PNG")
    return [tmp_path / name for name in names]


def test_several_pictures_and_standard_input(net: Path, cat: Path, others: list[Path]) -> None:
    with cat.open("rb") as file:
        result = started("predict", *others, "-", "--net", net, "--json", stdin=file)
    assert (result.returncode, result.stderr) == (0, "")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line.pop("picture") for line in lines] == [*map(str, others), "-"]
    assert lines == [said("predict", path, "--net", net) for path in (*others, cat)]


def test_one_picture_on_standard_input_is_as_one_in_a_file(net: Path, cat: Path) -> None:
    with cat.open("rb") as file:
        result = started("predict", "-", "--net", net, "--json", stdin=file)
    assert json.loads(result.stdout) == said("predict", cat, "--net", net)


def test_several_pictures_for_people(net: Path, cat: Path, others: list[Path]) -> None:
    with cat.open("rb") as file:
        result = started("predict", *others, "-", "--net", net, "--top", "2", stdin=file, env=os.environ | UTF8)
    assert (result.returncode, result.stderr) == (0, "")
    parts = result.stdout.split("\n\n")
    names = [r"caf\udce9.png", r"two\nlines.png", "<b>ship.JPG", "standard input"]
    assert [part.splitlines()[0].partition(" square of ")[2] for part in parts] == [f"{name}:" for name in names]
    assert all(len(part.splitlines()) == 3 for part in parts)


def test_a_picture_that_cannot_be_used_stops_no_other(net: Path, cat: Path, others: list[Path], tmp_path: Path) -> None:
    none = tmp_path / "no\npicture.png"
    (tmp_path / "text.png").write_text("Dear diary")
    words = ["predict", none, others[0], tmp_path / "text.png", "-", cat, "--net", net]
    result = started(*words, stdin=subprocess.DEVNULL)
    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        f"There is no picture at {tmp_path}/no\\npicture.png: check its name.",
        f"{tmp_path}/text.png: This is not a PNG, JPEG, WebP or GIF file: choose one that is, or save the picture as "
        "one of these.",
        "Standard input: The file is empty: choose another one.",
    ]
    assert result.stdout.count("about the central square of") == 2
    assert len(started(*words, "--json", stdin=subprocess.DEVNULL).stdout.splitlines()) == 2


def test_standard_input_can_be_read_only_once(net: Path, cat: Path) -> None:
    assert refused("predict", "-", cat, "-", "--net", net) == "Standard input can be read only once: name - once.\n"


def test_standard_input_that_is_closed(net: Path) -> None:
    words = [sys.executable, "-m", "core", "predict", "-", "--net", str(net)]
    result = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "Standard input: The file is empty: choose another one.\n"


def test_pictures_that_cannot_be_used(net: Path, cat: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.png"
    text.write_text("Dear diary")
    empty = tmp_path / "empty.png"
    empty.touch()
    cut = tmp_path / "cut.png"
    cut.write_bytes(cat.read_bytes()[:-400])
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.truncate(60_000_000)
    for path, sentence in [
        (tmp_path / "none.png", "There is no picture at"),
        (tmp_path, "is a folder: name a picture in it."),
        (cat / "inside", "cannot be read (Not a directory)"),
        (text, "text.png: This is not a PNG, JPEG, WebP or GIF file"),
        (empty, "empty.png: The file is empty"),
        (cut, "cut.png: The picture is damaged or cut short"),
        (large, "large.png: The file has more than 50 MB"),
    ]:
        assert sentence in refused("predict", path, "--net", net)


def test_nets_that_cannot_be_used(cat: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.safetensors").write_text("no net")
    for ref, sentence in [
        ("nobody", 'There is no trained net "nobody": choose '),
        (tmp_path / "none.safetensors", "There is no checkpoint at"),
        (tmp_path / "bad.safetensors", "is not a whole checkpoint of this project"),
        (tmp_path / "net.pth", "There is no trained net"),
    ]:
        for words in (("predict", cat, "--net", ref), ("evaluate", "--net", ref)):
            assert sentence in refused(*words)


def test_weights_that_are_not_here(cat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert 'fetch them with "python -m core fetch --net resnet50"' in refused("predict", cat, "--net", "resnet50")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["predict"], "required: IMAGE, --net"),
        (["predict", "x.png"], "required: --net"),
        (["predict", "x.png", "--net", "resnet20", "--top", "0"], "0 is not possible: choose at least 1"),
        (["predict", "x.png", "--net", "resnet20", "--top", "many"], '"many" is not a whole number'),
        (["evaluate"], "required: --net"),
        (["evaluate", "--net", "resnet50"], "does not tell CIFAR-10's classes apart"),
        (["export"], "required: RUN, FILE"),
        (["fetch"], "One of the arguments DIR --net is required"),
        (["fetch", "here", "--net", "resnet50"], "not allowed with argument"),
        (["fetch", "--net", "resnet20"], 'There are no published weights of "resnet20": choose one of resnet18'),
    ],
)
def test_words_that_make_no_sense(words: list[str], sentence: str) -> None:
    assert sentence in refused(*words)


# evaluate -------------------------------------------------------------------------------------------------------------


def test_evaluate(net: Path) -> None:
    answer = said("evaluate", "--net", net, run=started)
    data = load("sample")
    expected = by_hand(SPEC, data.test_images).argmax(1)
    assert answer["n"] == 1000
    assert answer["accuracy"] == pytest.approx((expected == data.test_labels).mean())
    for label, name in enumerate(CLASSES):
        mine = expected[data.test_labels == label]
        assert answer["per_class"][name] == pytest.approx((mine == label).mean())
        assert answer["confusion"][label] == np.bincount(mine, minlength=10).tolist()
    assert answer["seconds"] > 0
    assert answer["interval"][0] < answer["accuracy"] < answer["interval"][1]


def test_evaluate_for_people_shows_progress_where_somebody_watches(net: Path) -> None:
    watched, writer = pty.openpty()
    command = [sys.executable, "-m", "core", "evaluate", "--net", str(net)]
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=writer, text=True, check=True)
    os.close(writer)
    progress = os.read(watched, 1000).decode()
    os.close(watched)
    assert "500 of 1,000" in progress
    assert "1,000 of 1,000" in progress
    head, *rows, end = result.stdout.splitlines()
    assert head.startswith("ResNet-8 ×0.25 · net.safetensors: ")
    assert "of 1,000 test pictures (95 %: " in head
    assert head.endswith("), in float32")
    assert [row.split()[0] for row in rows] == list(CLASSES)
    assert end.endswith(" s")


def test_evaluate_without_pictures(net: Path, tmp_path: Path) -> None:
    assert f'There is no CIFAR-10 in "{tmp_path}"' in refused("evaluate", "--net", net, "--data", tmp_path)
    assert "There is no CIFAR-10" in refused("evaluate", "--net", net, "--data", tmp_path / "nowhere")


# export ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(home: Path) -> str:
    store = Store(home)
    spec = RunSpec(net=SPEC, train=TrainSpec(epochs=2))
    run_id = store.create_run(spec, owner="cli", holder=Identity.me())
    write(store.folder(run_id) / "checkpoint-78.safetensors")
    store.append(run_id, [Event("evaluation", 78, {"epoch": 2, "test_accuracy": 0.9})], Identity.me())
    return run_id


def test_export(run: str, tmp_path: Path) -> None:
    target = tmp_path / "mine.safetensors"
    result = started("export", run, target)
    assert (result.returncode, result.stderr) == (0, "")
    expected = build(SPEC).state_dict()
    found = restore(target).net.state_dict()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    data = load("sample")
    accuracy = (by_hand(SPEC, data.test_images).argmax(1) == data.test_labels).mean()
    answer = said("evaluate", "--net", target)
    assert answer["accuracy"] == pytest.approx(accuracy)
    entry = of_file(target)
    assert entry.test_accuracy == pytest.approx(accuracy)  # measured anew, not what the run said
    assert entry.epochs == 2
    assert target.stat().st_size < 40_000  # no optimiser state
    again = run_of(parse(entry.command.split()[3:]))
    assert (again.net, again.train) == (SPEC, TrainSpec(epochs=2))


def test_best_epoch_by_name(run: str, home: Path, tmp_path: Path, cat: Path) -> None:
    """It is exported, asked and judged, and each time said to be chosen on the test set."""
    store, target = Store(home), tmp_path / "best.safetensors"
    write(store.folder(run) / "checkpoint-39.safetensors", seed=1)
    evaluations = [Event("evaluation", 39, {"epoch": 1, "test_accuracy": 0.95})]
    store.append(run, evaluations, Identity.me())
    result = called("export", f"{run}@best", target)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"{target}: ResNet-8 ×0.25, its best epoch, chosen on the test set, ")
    expected = build(SPEC, 1).state_dict()
    found = restore(target).net.state_dict()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert of_file(target).epochs == 1
    for net in (f"{run}@best", target):
        for words in (["predict", cat], ["evaluate"]):
            assert "its best epoch, chosen on the test set" in called(*words, "--net", net).stdout.splitlines()[0]
    assert called("export", f"{run}@39", target).stdout.startswith(f"{target}: ResNet-8 ×0.25, ")
    assert "chosen" not in called("evaluate", "--net", target).stdout


def test_exports_that_cannot_be(run: str, home: Path, tmp_path: Path) -> None:
    bare = Store(home).create_run(RunSpec(), owner="cli", holder=Identity.me())
    for words, sentence in [
        (("nobody", tmp_path / "a.safetensors"), 'There is no run "nobody"'),
        ((bare, tmp_path / "a.safetensors"), "has no checkpoint yet: choose another run."),
        ((f"{run}@7", tmp_path / "a.safetensors"), f'has no checkpoint "7": choose {run}@78, {run}@best.'),
        ((run, tmp_path / "none" / "a.safetensors"), "There is no folder"),
        ((run, tmp_path / "a.pth"), "let it end in one of .safetensors, .dlrec, "),
        ((run, tmp_path), "let it end in one of .safetensors, .dlrec, "),
    ]:
        assert sentence in refused("export", *words)
    (tmp_path / "a.safetensors").mkdir()
    assert "could not be written" in refused("export", run, tmp_path / "a.safetensors")
    [path] = Store(home).folder(run).glob("checkpoint-*")
    path.write_bytes(path.read_bytes()[:1000])
    assert "is not a whole checkpoint" in refused("export", run, tmp_path / "b.safetensors")
    assert not (tmp_path / "b.safetensors").exists()
