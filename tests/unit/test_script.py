"""A run as a script: the losses of the lab, from a file that knows nothing of it."""

from __future__ import annotations

import ast
import json
import math
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.data import official
from core.data.files import SAMPLE_FOLDER, load
from core.publish.script import ScriptError, known, script
from core.record.events import Event, StoredEvent, encode
from core.record.past import Past
from core.record.recording import Head, Recording
from core.spec import NetSpec, RunSpec, TrainSpec
from core.train.rate import Asked
from core.train.report import opening
from core.train.trainer import Trainer
from core.vocabulary.datasets import MARK
from tests.unit import small_cifar

PICTURES = load("sample")
SMALL = {"epochs": 2, "batch_size": 8, "device": "cpu", "precision": "float32", "threads": 1}
NETS = {
    "plain": NetSpec(depth=8, skip=False),
    "A": NetSpec(depth=8),
    "B": NetSpec(depth=8, shortcut="B"),
    "C": NetSpec(depth=8, shortcut="C"),
    "pre": NetSpec(depth=8, activation_order="pre", shortcut="B"),
    "bottleneck": NetSpec(depth=11, bottleneck=True, shortcut="B", activation_order="pre", stride_on="1x1"),
    "wide": NetSpec(family="wide", depth=10, width_multiplier=2, dropout=0.3),
    "densenet-bc": NetSpec(family="densenet", depth=10, growth_rate=12, bottleneck=True, compression=0.5),
    "fixup": NetSpec(depth=8, norm="none", init="fixup"),
}
OTHERS = {
    "densenet": NetSpec(family="densenet", depth=7, growth_rate=12),
    "dense chain": NetSpec(family="densenet", depth=7, growth_rate=12, skip=False, norm="group"),
    "default": NetSpec(depth=8, norm="none", skip=False, init="default"),
    "fixup C": NetSpec(depth=11, bottleneck=True, norm="none", init="fixup", shortcut="C"),
    "group": NetSpec(depth=8, norm="group", init="zero-gamma"),
    "layer": NetSpec(depth=8, norm="layer", activation_order="bn-after-add"),
    "instance": NetSpec(depth=8, norm="instance", activation_order="relu-before-add"),
    "gamma": NetSpec(depth=8, init="gamma-0.1", activation_order="pre"),
    "relu-only": NetSpec(depth=8, activation_order="relu-only-pre"),
    "bn-after gamma": NetSpec(depth=8, init="gamma-0.1", activation_order="bn-after-add"),
    "se": NetSpec(depth=8, se_reduction=4),
    "depth": NetSpec(depth=14, survival_probability=0.5, shortcut_scale=0.5, branch_scale="1/L"),
    "narrow": NetSpec(depth=8, width=4, shortcut="B"),
    "groups": NetSpec(depth=11, bottleneck=True, width=32, groups=8, base_width=8, shortcut="B"),
    "vgg": NetSpec(family="vgg", depth=11, width=8),
    "vgg no norm": NetSpec(family="vgg", depth=11, width=8, norm="none"),
    "3x3": NetSpec(form="imagenet", depth=18, stem="3x3", width=8),
}
RECIPES: dict[str, dict[str, Any]] = {
    "constant": {"schedule": "constant", "augment": False},
    "step": {"schedule": "step", "schedule_by": "epoch", "epochs": 4, "batch_size": 2000, "drop_last": False},
    "onecycle": {"schedule": "onecycle", "epochs": 5, "batch_size": 1500},
    "adamw": {"optimizer": "adamw", "lr": 1e-3, "decay": "weights", "weight_decay": 0.05, "warmup_steps": 3},
    "clipped": {"grad_clip": 0.5},
    "bf16": {"precision": "bf16"},
}


def recorded(trainer: Trainer, *more: Event, **head: Any) -> Recording:
    """What a run that has just begun tells of itself, and what it told then."""
    past = Past()
    events = [opening(trainer), *more]
    past.add([StoredEvent(i, event.step, 0.0, event.kind, encode(event.payload)) for i, event in enumerate(events, 1)])
    return past.recording(Head("1127-x", trainer.run.net.name, trainer.run, "running", "", 0.0, 0, None, **head))


def made(net: NetSpec, **recipe: Any) -> Trainer:
    return Trainer(RunSpec(net=net, train=TrainSpec.make(**(SMALL | recipe))), PICTURES)


def losses(trainer: Trainer, steps: int) -> list[float]:
    found = []
    for _ in range(steps):
        trainer.train_step()
        found.append(float(trainer.recent(1)[0, 0]))
    return found


def repeated(text: str, folder: Path, steps: int) -> list[float]:
    path = folder / "script.py"
    path.write_text(text)
    words = ["--data", str(SAMPLE_FOLDER), "--steps", str(steps), "--json"]
    result = subprocess.run([sys.executable, "-I", str(path), *words], capture_output=True, text=True, check=True)
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["step"] for each in told] == list(range(1, steps + 1))
    return [each["loss"] for each in told]


def compare(trainer: Trainer, folder: Path, steps: int) -> None:
    text = script(recorded(trainer))
    assert "core" not in text.replace("score", "")
    assert len(text.splitlines()) < 150
    assert max(map(len, text.splitlines())) <= 120
    assert repeated(text, folder, steps) == pytest.approx(losses(trainer, steps), abs=1e-6, rel=0)


@pytest.mark.parametrize("net", [*NETS, *OTHERS])
def test_weights_and_gradients_at_the_start_are_those_of_the_lab(net: str) -> None:
    """In this process, from the part of the script that defines things."""
    trainer = made((NETS | OTHERS)[net])
    text = script(recorded(trainer))
    scope: dict[str, Any] = {}
    exec(text[: text.index("\nparser = ")], scope)
    theirs = scope["initialise"](scope["Net"]()).to(memory_format=torch.channels_last)
    ours = dict(trainer.net.named_parameters())
    images, labels = trainer.batches.batch(0)
    for model in (trainer.net, theirs):
        torch.manual_seed(0)
        functional.cross_entropy(model(images), labels).backward()
    for weight, (name, own) in zip(theirs.parameters(), ours.items(), strict=True):
        assert torch.equal(weight, own), name
        assert weight.grad is not None
        assert own.grad is not None
        assert torch.equal(weight.grad, own.grad), name


@pytest.mark.slow
@pytest.mark.parametrize("net", ["pre", "densenet-bc", "fixup"])
def test_losses_are_those_of_the_lab(net: str, tmp_path: Path) -> None:
    compare(made(NETS[net]), tmp_path, 10)


@pytest.mark.long
@pytest.mark.parametrize("net", [*NETS, *OTHERS])
def test_first_200_losses_of_every_kind_of_net(net: str, tmp_path: Path) -> None:
    compare(made((NETS | OTHERS)[net]), tmp_path, 200 if net in NETS else 20)


@pytest.mark.slow
@pytest.mark.parametrize("recipe", ["step", "adamw"])
def test_recipes_are_those_of_the_lab(recipe: str, tmp_path: Path) -> None:
    compare(made(NETS["A"], **RECIPES[recipe]), tmp_path, 10)


@pytest.mark.long
@pytest.mark.parametrize("recipe", RECIPES)
def test_first_losses_of_every_recipe(recipe: str, tmp_path: Path) -> None:
    trainer = made(NETS["A"], **RECIPES[recipe])
    compare(trainer, tmp_path, min(200, trainer.total_steps))


@pytest.mark.slow
def test_a_rate_that_was_set_by_hand_is_in_the_script(tmp_path: Path) -> None:
    trainer = made(NETS["A"])
    begun = losses(trainer, 3)
    trainer.asked = Asked(0.01, 3)
    asked = Event("control", 3, {"command": "lr", "requested": 0.01, "applied": 0.01})
    fresh = made(NETS["A"])
    text = script(recorded(fresh, asked))
    assert repeated(text, tmp_path, 6) == pytest.approx([*begun, *losses(trainer, 3)], abs=1e-6, rel=0)
    assert repeated(script(recorded(fresh)), tmp_path, 6) != pytest.approx(repeated(text, tmp_path, 6), abs=1e-6)


def started(text: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    path = folder / "script.py"
    path.write_text(text)
    return subprocess.run([sys.executable, "-I", str(path), "--json", *words], capture_output=True, text=True)


@pytest.mark.slow
def test_a_script_ends_where_the_loss_is_no_number(tmp_path: Path) -> None:
    trainer = made(NETS["plain"].but(norm="none"), lr=1000.0, schedule="constant")
    expected = losses(trainer, 10)
    good = next(index for index, loss in enumerate(expected) if not math.isfinite(loss))
    fresh = made(NETS["plain"].but(norm="none"), lr=1000.0, schedule="constant")
    ended = started(script(recorded(fresh)), tmp_path, "--data", str(SAMPLE_FOLDER), "--steps", "10")
    assert ended.returncode == 1
    assert ended.stderr == f"The loss of step {good + 1} is {expected[good]}: training ends here.\n"
    assert [json.loads(line)["step"] for line in ended.stdout.splitlines()] == list(range(1, good + 1))


def reader_of(net: NetSpec, data: str) -> Any:
    """The function of a script that reads the pictures of that data set."""
    text = script(recorded(made(net, data=data)))
    assert len(text.splitlines()) < 150
    scope: dict[str, Any] = {}
    exec(text[: text.index("def minibatches")], scope)
    return scope["read"]


@pytest.mark.parametrize("form", official.layouts_of("cifar10"), ids=lambda form: form.folder)
@pytest.mark.parametrize("around", [True, False])
def test_official_pictures_are_read_in_either_form(form: official.Layout, around: bool, tmp_path: Path) -> None:
    small_cifar.write(tmp_path / form.folder, form)
    images, labels = reader_of(OTHERS["fixup C"], "/cifar")(tmp_path if around else tmp_path / form.folder)
    expected = small_cifar.contents()
    assert np.array_equal(images, expected[0][:150])
    assert np.array_equal(labels, expected[1][:150])
    assert (images.dtype, labels.dtype) == (np.uint8, np.int64)


@pytest.mark.parametrize(("kind", "classes", "column"), [("cifar100", 100, 1), ("cifar100-coarse", 20, 0)])
def test_of_two_labels_a_picture_the_one_that_is_meant_is_read(
    kind: str, classes: int, column: int, tmp_path: Path
) -> None:
    rows = np.random.default_rng(0).integers(0, classes, (6, 2 + 3072)).astype(np.uint8)
    (tmp_path / "train.bin").write_bytes(rows.tobytes())
    images, labels = reader_of(NetSpec(depth=8, num_classes=classes), f"/cifar{MARK}{kind}")(tmp_path)
    assert np.array_equal(images, rows[:, 2:].reshape(6, 3, 32, 32))
    assert np.array_equal(labels, rows[:, column])


@pytest.mark.slow
def test_a_script_refuses_other_pictures(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    shutil.copytree(SAMPLE_FOLDER, folder)
    (folder / "train_cat.png").write_bytes((folder / "train_dog.png").read_bytes())
    refused = started(script(recorded(made(NETS["plain"]))), tmp_path, "--data", str(folder), "--steps", "1")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"{folder} does not hold the pictures of this run: name the folder that does.\n"


def test_what_a_foreign_recording_says_of_itself_is_no_code() -> None:
    evil = '"""\nimport os\nos.abort()\n"""\\'
    trainer = made(NETS["A"])
    told = recorded(trainer)
    started = {**told.events[0].payload, "device": evil, "versions": {"torch": evil}, "precision": "float32" + evil}
    events = (replace(told.events[0], text=encode(started)),)
    text = script(Recording(replace(told.head, id=evil), told.seq, events))
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name) and node.id == "os"]


def test_a_fork_is_refused() -> None:
    with pytest.raises(ScriptError, match=r"began at step 10 with the weights of another run.*\.$"):
        script(recorded(made(NETS["A"]), parent="1126-y", fork_step=10))


def test_a_run_that_has_not_begun_is_refused() -> None:
    trainer = made(NETS["A"])
    past = Past()
    head = Head("1127-x", "ResNet-8", trainer.run, "queued", "", 0.0, 0, None)
    with pytest.raises(ScriptError, match=r"has not begun.*\.$"):
        script(past.recording(head))


@pytest.mark.parametrize("lacking", known.NEEDED)
def test_a_run_that_did_not_say_what_it_began_with_is_refused(lacking: str) -> None:
    said = dict.fromkeys(known.NEEDED, "x")
    del said[lacking]
    past = Past()
    past.add([StoredEvent(1, 0, 0.0, "started", encode(said))])
    recording = past.recording(Head("a", "ResNet-8", RunSpec(net=NETS["A"]), "stopped", "", 0.0, 0, None))
    with pytest.raises(ScriptError, match=rf"does not say its {lacking} as it began.*\.$"):
        script(recording)


def test_a_field_or_value_that_a_script_does_not_know_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "NET", known.NET - {"se_reduction"})
    with pytest.raises(ScriptError, match=r"SE reduction 4.*\.$"):
        script(recorded(made(OTHERS["se"])))
    monkeypatch.setitem(known.VALUES, "norm", {"batch"})
    with pytest.raises(ScriptError, match=r"norm.* group.*\.$"):
        script(recorded(made(OTHERS["group"])))
