"""The lab without a browser, as people type it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.cli.arguments import parse, run_of
from core.cli.describe import facts_of
from core.spec import PRESETS
from core.store.home import ROOT
from core.store.store import Store
from tests.commands import called, started

pytestmark = pytest.mark.slow

TINY = ["--family", "resnet", "--depth", "8", "--width", "4", "--batch-size", "100", "--precision", "float32"]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small net gains nothing by two, and waits for both where other work wants the cores."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.parametrize(
    ("words", "params", "bn_params", "depth"),
    [  # Counts that agree with the published ones, not taken from core.arith.
        (["smallresnet"], 175_258, 1_120, 14),
        (["resnet56"], 853_018, 4_064, 56),
        (["--family", "resnet", "--depth", "56"], 853_018, 4_064, 56),
        (["--family", "plain", "--depth", "20"], 269_722, 1_376, 20),
        (["resnet20", "--no-skip"], 269_722, 1_376, 20),
        (["densenet-bc-40-12"], 176_122, 5_088, 40),
    ],
)
def test_describe(words: list[str], params: int, bn_params: int, depth: int) -> None:
    result = called("describe", *words, "--json")
    assert result.returncode == 0, result.stderr
    [facts] = lines(result.stdout)
    assert (facts["params"], facts["bn_params"], facts["depth"]) == (params, bn_params, depth)


@pytest.mark.parametrize("name", PRESETS)
def test_described_layers_add_up(name: str) -> None:
    facts = facts_of(PRESETS[name])
    assert sum(layer["params"] for layer in facts["layers"]) == facts["params"]
    assert sum(layer["macs"] for layer in facts["layers"]) == facts["macs"]
    assert facts["layers"][-1]["shape"] == [PRESETS[name].num_classes]


def test_describe_for_people() -> None:
    result = started("describe", "resnet20")
    assert "269,722" in result.stdout
    assert result.stdout.startswith("ResNet-20\n")


def test_describe_needs_no_torch() -> None:
    code = "import sys; from core.__main__ import main; main(['describe', 'resnet56']); print('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "False"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["describe", "resnet21"], 'There is no preset "resnet21"'),
        (["describe", "--family", "resnet", "--depth", "21"], "choose 20 or 26"),
        (["describe", "--family", "densenet", "--growth-rate", "0"], "Growth rate 0 is not possible"),
        (["describe", "--family", "densenet", "--depth", "1201", "--growth-rate", "512"], "growth rate at most"),
        (["xray", "--family", "wide", "--depth", "1198", "--width-multiplier", "64"], "width multiplier at most"),
        (["describe", "--family", "inception"], "invalid choice"),
        (["describe", "--depth", "deep"], '"deep" is not a whole number'),
        (["describe"], "No net was named"),
        (["train", "resnet20", "--threads", "all"], '"all" is not a whole number'),
        (["train", "resnet20", "--threads", "1000"], "1000 threads would wait for each other here"),
        (["train", "resnet20", "--batch-size", "6000"], "larger than the 5,000 training images"),
        (["train", "resnet20", "--lr", "0"], "Learning rate 0 cannot train"),
        (["train", "resnet20", "--lr", "1,000"], "can be read as 1 or as 1000"),
        (["train", "resnet20", "--lr", "5%"], "give a number like 0.05"),
        (["train", "resnet20", "--epochs", "1.000"], "can be read as 1 or as 1000"),
        (["train", "resnet20", "--lr", "0,00"], "Learning rate 0 cannot train"),
        (["train", "resnet20", "--lr", "nan"], "Learning rate nan"),
        (["train", "resnet20", "--lr"], "expected one argument"),
        (["train", "resnet20", "--epochs", "0"], "Number of epochs 0"),
        (["train", "resnet20", "--data", "/nowhere"], 'There is no CIFAR-10 in "/nowhere"'),
        (["train", "resnet20", "--device", "tpu"], 'Device "tpu" is unknown'),
        (["train", "densenet-bc-190-40", "--width", "1", "--batch-size", "5000"], "of memory"),
        (["train", "--resume", "nobody"], 'There is no run "nobody"'),
        (["paint"], "invalid choice"),
        (["train", "resnet20", "--unknown"], "nrecognized arguments: --unknown"),
    ],
)
def test_bad_input_is_one_sentence(words: list[str], sentence: str) -> None:
    result = called(*words)
    assert result.returncode == 2
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


LONG = "\x1b9\n" * 3000  # nothing that a terminal should see


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        ([LONG], "choose from 'describe', 'train'"),
        (["describe", "--family", LONG], "choose from 'plain', 'resnet'"),
        (["describe", "resnet20", f"--family={LONG}"], "choose from 'plain', 'resnet'"),
        (["describe", "resnet20", f"--json={LONG}"], "ignored explicit argument"),
        (["describe", "resnet20", LONG], "nrecognized arguments"),
        (["describe", "resnet20", *["--x"] * 3000], "nrecognized arguments"),
        (["predict", "cat.jpg", "--net", "resnet20", "--top", "-" + "9" * 30], "choose at least 1"),
        (["predict", "cat.jpg", "--net", "resnet20", "--top", LONG], "is too long for a number"),
    ],
    ids=["command", "choice", "joined", "ignored", "word", "words", "count", "number"],
)
def test_what_is_repeated_of_a_mistake_is_short(
    words: list[str], cure: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        parse(words)
    said = capsys.readouterr().err
    assert end.value.code == 2
    assert cure in said
    assert len(said) < 500
    assert said.removesuffix("\n").isprintable()
    assert said.endswith("--help shows what can be typed.\n")


def test_home_that_cannot_be_used_is_one_sentence(home: Path) -> None:
    home.write_text("a file where the folder should be")
    result = called("train", "resnet20")
    assert result.returncode == 2
    assert "set DEPTHLAB_HOME" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_train_says_what_it_does_in_json(home: Path) -> None:
    result = started("train", *TINY, "--epochs", "1", "--json")
    assert result.returncode == 0, result.stderr
    events = lines(result.stdout)
    summary = events[-1]
    assert events[0]["kind"] == "started"
    assert [event["kind"] for event in events[-2:]] == ["finished", "summary"]
    assert summary["status"] == "finished"
    assert 0 <= summary["test_accuracy"] <= 1
    assert summary["train_loss"] > 0
    assert summary["images_per_second"] == pytest.approx(50 * 100 / summary["seconds"])
    losses = [loss for event in events if event["kind"] == "metrics" for loss in event["loss"]]
    assert len(losses) == 50
    store = Store(home)  # the run stands in the lab like any other
    run = store.known(summary["run"])
    assert (run.status, run.owner, run.step) == ("finished", "cli", 50)
    assert [event.seq for event in store.events(run.id)] == [event["seq"] for event in events[:-1]]


def test_train_for_people_without_probes(home: Path) -> None:
    result = started("train", *TINY, "--epochs", "2", "--no-probes")
    head, *epochs, end = result.stdout.splitlines()
    assert head.startswith("ResNet-8 ×0.25: 5,006 parameters, 5,000 images of CIFAR-10, 2 epochs on ")
    assert head.endswith(". An epoch is 50 steps of 100 pictures, all 5,000.")
    assert [line.split()[1] for line in epochs] == ["1/2", "2/2"]
    assert end.startswith("Finished: test accuracy 0.")
    assert " in float32 after " in end
    assert "clipping" not in end
    store = Store(home)
    assert store.latest(store.runs()[0].id, "probe") == []


def test_train_says_what_an_epoch_leaves_out_and_how_often_clipping_bites() -> None:
    recipe = ["--batch-size", "2600", "--epochs", "1", "--grad-clip", "0.001", "--no-probes"]
    head, _, end = started("train", *TINY, *recipe).stdout.splitlines()
    assert head.endswith("An epoch is 1 step of 2,600 pictures; 2,400 of the 5,000 are left out, others each time.")
    assert end.endswith("; clipping shortened the gradient of 100 % of the steps")
    kept = started("train", *TINY, *recipe, "--no-drop-last", "--json")
    events = lines(kept.stdout)
    assert [event["steps_per_epoch"] for event in events if event["kind"] == "started"] == [2]
    assert (events[-1]["precision"], events[-1]["clipped"]) == ("float32", 1.0)
    assert events[-1]["images_per_second"] == pytest.approx(5000 / events[-1]["seconds"])


def test_interrupt_checkpoints_and_resume_goes_on(home: Path) -> None:
    command = [sys.executable, "-m", "core", "train", *TINY, "--epochs", "1"]
    undisturbed = started(*command[3:], "--json")
    process = subprocess.Popen(
        [*command, "--json"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    before = ""
    while '"metrics"' not in before:
        before += process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in errors
    events = lines(before + rest)
    summary = events[-1]
    assert summary["status"] == "stopped"
    assert f"python -m core train --resume {summary['run']}" in errors
    assert (home / "runs" / summary["run"] / f"checkpoint-{summary['step']}.safetensors").exists()

    resumed = started("train", "--resume", summary["run"], "--json")
    assert resumed.returncode == 0, resumed.stderr
    after = lines(resumed.stdout)
    assert (after[0]["kind"], after[0]["step"]) == ("resumed", summary["step"])
    for key in ("test_accuracy", "train_loss"):
        assert after[-1][key] == lines(undisturbed.stdout)[-1][key]

    again = called("train", "--resume", summary["run"])
    assert again.returncode == 2
    assert "is finished" in again.stderr


def test_a_run_is_not_resumed_while_it_trains(home: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "core", "train", *TINY, "--epochs", "1000", "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["kind"] == "started"
    [run] = Store(home).runs()
    result = called("train", "--resume", run.id)
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
    assert "is being trained already" in result.stderr
    process.kill()
    process.communicate()
    resumed = subprocess.Popen(
        [sys.executable, "-m", "core", "train", "--resume", run.id],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert resumed.stdout is not None
    assert resumed.stdout.readline().startswith("Going on from step ")
    resumed.send_signal(signal.SIGTERM)
    resumed.communicate()
    assert resumed.returncode == 128 + signal.SIGTERM


def test_reader_that_leaves_stops_the_run(home: Path) -> None:
    """``python -m core train ... --json | head -1``"""
    process = subprocess.Popen(
        [sys.executable, "-m", "core", "train", *TINY, "--epochs", "1000", "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    with process:
        errors = process.stderr.read()
    assert process.returncode == 128 + signal.SIGPIPE
    assert "Traceback" not in errors
    assert "BrokenPipe" not in errors
    [run] = Store(home).runs()
    assert run.status == "stopped"
    process.stderr.close()


def test_describe_to_nobody() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run(
        [sys.executable, "-m", "core", "describe", "resnet110", "--json"],
        cwd=ROOT,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (result.returncode, result.stderr) == (128 + signal.SIGPIPE, "")


def test_port_that_does_not_exist_is_one_sentence() -> None:
    result = started("serve", "--port", "70000")
    assert (result.returncode, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
    assert "Port 70000 does not exist" in result.stderr


def test_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = started("serve", "--port", str(port))
    assert result.returncode == 2
    assert f"Port {port} is in use" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_decimal_comma_is_one() -> None:
    typed = parse(["train", "resnet20", "--lr", "0,05", "--momentum", ",5", "--epochs", "1e1"])
    recipe = run_of(typed).train
    assert (recipe.lr, recipe.momentum, recipe.epochs) == (0.05, 0.5, 10)


@pytest.mark.parametrize(
    "words",
    [
        ["a.png", "b.png", "-", "--net", "x", "--top", "3"],
        ["a.png", "--net", "x", "b.png", "-", "--top", "3"],
        ["a.png", "--net", "x", "b.png", "--top", "3", "-"],
        ["--net", "x", "a.png", "--top", "3", "b.png", "-"],
    ],
)
def test_pictures_stand_anywhere(words: list[str]) -> None:
    typed = parse(["predict", *words])
    assert (typed.images, typed.net, typed.top) == (["a.png", "b.png", "-"], "x", 3)


@pytest.mark.parametrize(
    "words", [["predict", "a.png", "--net", "x", "b.png", "--best"], ["describe", "resnet20", "b"]]
)
def test_what_no_command_takes_is_still_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parse(words)
    assert end.value.code == 2
    assert "nrecognized arguments: b" in capsys.readouterr().err
