"""Output that cannot be written or printed: one sentence or silence, never a traceback, and a true exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.cli.arguments import parse
from core.spec import RunSpec
from core.store.home import ROOT
from core.store.store import Store

TINY = ["--family", "resnet", "--depth", "8", "--width", "4", "--batch-size", "100", "--precision", "float32"]
SENTENCE = "The output cannot be written (No space left on device): send it elsewhere.\n"
COMMANDS: dict[str, list[str]] = {
    "help": ["--help"],
    "help of a command": ["train", "--help"],
    "describe": ["describe", "resnet20"],
    "describe as JSON": ["describe", "resnet1202", "--json"],
    "xray": ["xray", *TINY[:6], "--images", "4"],
    "predict": ["predict", "assets/examples/cat.jpg", "--net", "plain20"],
    "evaluate": ["evaluate", "--net", "plain20"],
}
WITH_TORCH = {name for name, words in COMMANDS.items() if "--help" not in words and parse(words).torch}  # are slow
ALL = "<&- >&- 2>&-"


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def core(redirection: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """``python -m core WORDS REDIRECTION``, as a shell does it."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, "-m", "core", *words],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_full_device_is_one_sentence(command: str) -> None:
    done = core(">/dev/full", *COMMANDS[command])
    assert (done.returncode, done.stderr) == (2, SENTENCE)


@pytest.mark.parametrize(
    "command", [pytest.param(command, marks=[pytest.mark.long] * (command in WITH_TORCH)) for command in COMMANDS]
)
def test_nowhere_to_write_at_all_is_silence(command: str) -> None:
    done = core(">/dev/full 2>/dev/full", *COMMANDS[command])
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("command", "redirection"),
    [
        pytest.param(command, redirection, marks=[pytest.mark.long] * (command in WITH_TORCH and redirection != ALL))
        for command in COMMANDS
        for redirection in (">&-", ">&- 2>&-", ALL, "2>/dev/full")
    ],
)
def test_closed_streams_are_as_nowhere(command: str, redirection: str) -> None:
    done = core(redirection, *COMMANDS[command])
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", ">&- 2>&-"])
def test_refusal_that_cannot_be_said_keeps_its_code(redirection: str) -> None:
    assert core(redirection, "describe", "resnet21").returncode == 2
    assert core(redirection, "describe", "resnet20", "--colour").returncode == 2


@pytest.mark.parametrize("words", [["--json"], []])
def test_run_whose_output_is_full_stops_with_a_checkpoint(home: Path, words: list[str]) -> None:
    done = core(">/dev/full", "train", *TINY, "--epochs", "1000", *words)
    [run] = Store(home).runs()
    assert (run.status, run.message) == ("stopped", "")
    assert (home / "runs" / run.id / f"checkpoint-{run.step}.safetensors").exists()
    told = [f"Stopped at step {run.step}; to go on: python -m core train --resume {run.id}", SENTENCE.strip()]
    assert (done.returncode, done.stderr.splitlines()) == (2, told)


def test_run_with_closed_output_trains(home: Path) -> None:
    """And what it prints is not written into its store, which could be the first file that is opened."""
    done = core("<&- >&- 2>&-", "train", *TINY, "--epochs", "1", "--json")
    assert done.returncode == 0
    [run] = Store(home).runs()
    assert run.status == "finished"


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "POSIX"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "words", [["describe", *TINY[:6]], pytest.param(["xray", *TINY[:6], "--images", "4"], marks=pytest.mark.long)]
)
def test_names_beyond_ascii_can_be_printed(words: list[str], environment: dict[str, str]) -> None:
    done = core("", *words, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(("ResNet-8 ×0.25", "ResNet-8 \\xd70.25"))


def test_a_name_that_is_no_text_can_be_said(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\xfe.png")
    done = core("", "predict", str(tmp_path / name), "--net", "plain20")
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no picture at" in done.stderr
    assert "Traceback" not in done.stderr


def test_reader_that_never_reads_in_time() -> None:
    """A pipe that must not wait, as terminals are that others have changed: everything arrives."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    process = subprocess.Popen(
        [sys.executable, "-m", "core", "describe", "resnet1202", "--json"], cwd=ROOT, stdout=writer
    )
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        facts: dict[str, Any] = json.loads(pipe.read())
    assert process.wait() == 0
    assert facts["depth"] == 1202


def test_broken_pipe_is_silence() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "core", "--help"]
    broken = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (broken.returncode, broken.stderr) == (128 + signal.SIGPIPE, "")


def test_store_is_kept_where_its_name_is_strange(tmp_path: Path) -> None:
    for name in ("with space", "ünd×γ–", os.fsdecode(b"\xff"), "a%20b?c#d", "long" * 60):
        home = tmp_path / name
        store = Store(home)
        run_id = store.create_run(RunSpec())
        assert [run.id for run in Store(home).runs()] == [run_id]
        assert (home / "lab.db").exists()
