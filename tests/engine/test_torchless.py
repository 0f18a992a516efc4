"""Where PyTorch is missing, pages say so in a sentence and no process is started, again and again, to find out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.cli.arguments import made
from core.spec import RunSpec
from core.store.store import Store

ROOT = Path(__file__).parents[2]
MISSING = (
    "PyTorch is not installed here, so nothing can be trained or asked of nets: start the lab with make run, or "
    "pip install -r requirements.txt."
)


@pytest.fixture
def without_torch(tmp_path: Path) -> dict[str, str]:
    """An environment whose Python finds no torch."""
    (tmp_path / "sitecustomize.py").write_text('import sys\nsys.modules["torch"] = None\n')
    return os.environ | {"PYTHONPATH": str(tmp_path), "DEPTHLAB_HOME": str(tmp_path / "lab")}


def test_nothing_is_started_and_everything_says_why(without_torch: dict[str, str], tmp_path: Path) -> None:
    code = """
from core.answers import ask
from core.engine import client
from core.store.database import EngineError
from core.spec import RunSpec
for question in (ask.ensure_inference, client.ensure_supervisor, lambda: client.submit(RunSpec()),
                 lambda: ask.ask("xray", {}, "topic")):
    try:
        question()
    except EngineError as error:
        print(error)
print(client.engine_line())
print(len(client.runs()))
"""
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=without_torch, capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines() == [MISSING] * 5 + ["0"]
    assert not list(tmp_path.rglob("*.log"))


def test_what_waits_or_was_stopped_stays_as_it_is(without_torch: dict[str, str], tmp_path: Path) -> None:
    store = Store(tmp_path / "lab")
    waits, stopped = (store.create_run(RunSpec()) for _ in range(2))
    assert store.update(stopped, {"queued"}, status="stopped")
    code = f"""
from core.engine import client
from core.store.database import EngineError
for act, run in ((client.resume, {stopped!r}), (client.begin_now, {waits!r})):
    try:
        act(run)
    except EngineError as error:
        print(error)
"""
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=without_torch, capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines() == [MISSING] * 2
    assert [store.known(run).status for run in (waits, stopped)] == ["queued", "stopped"]
    store.close()


def test_every_command_works_or_says_it(without_torch: dict[str, str], tmp_path: Path) -> None:
    store = Store(tmp_path / "lab")
    run = store.create_run(RunSpec())
    store.update(run, {"queued"}, status="stopped")
    store.close()
    recording = str(ROOT / "assets" / "recordings" / "smallresnet.dlrec")
    picture = str(ROOT / "assets" / "examples" / "cat.jpg")
    commands: list[tuple[list[str], int, str]] = [
        (["describe", "resnet20"], 0, "269,722"),
        (["train", "resnet20", "--epochs", "1"], 2, MISSING),
        (["race", "plain20", "resnet20"], 2, MISSING),
        (["fork", run, "--lr", "0.01"], 2, MISSING),
        (["more", run, "--epochs", "1"], 2, MISSING),
        (["xray", "resnet20"], 2, MISSING),
        (["predict", picture, "--net", "resnet20"], 2, MISSING),
        (["evaluate", "--net", "resnet20"], 2, MISSING),
        (["export", run, str(tmp_path / "net.safetensors")], 2, MISSING),
        (["export", recording, str(tmp_path / "run.py")], 0, "run.py"),
        (["export", recording, str(tmp_path / "run.zip")], 0, "run.zip"),
        (["curves", recording, "--csv"], 0, "test_accuracy"),
        (["report", str(tmp_path / "run.html"), recording], 0, "run.html"),
        (["publish", str(tmp_path / "site"), recording], 0, "site"),
        (["compare", recording, recording.replace("smallresnet", "plain-56")], 0, "differ"),
        (["notes", run], 0, ""),
        (["record", run, str(tmp_path / "run.dlrec")], 0, "run.dlrec"),
        (["report", str(tmp_path / "run.html"), recording], 0, "run.html"),
        (["publish", str(tmp_path / "site"), recording], 0, "site"),
        (["compare", recording, recording.replace(".dlrec", "-nobn.dlrec")], 0, "norm"),
        (["notes", run], 0, ""),
        (["annotate", run, "--tag", "mine"], 0, run),
        (["runs", "tag:mine"], 0, run),
        (["delete", run], 0, run),
        (["fetch", str(tmp_path / "cifar")], 2, "PyTorch, which asks the university's server, is not installed"),
        (["fetch", "--net", "alexnet"], 2, "alexnet"),
    ]
    names = next(action.choices for action in made()._actions if action.dest == "command")
    assert {words[0] for words, _, _ in commands} == set(names or ()) - {"serve"}
    code = """
import contextlib, io, json, sys
from core.__main__ import main
for words in json.loads(sys.argv[1]):
    printed, refused = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(refused):
        code = main(words)
    print(json.dumps([code, printed.getvalue(), refused.getvalue()]))
"""
    result = subprocess.run(
        [sys.executable, "-c", code, json.dumps([words for words, _, _ in commands])],
        cwd=ROOT,
        env=without_torch | {"PATH": "/nowhere"},  # nor is there npm
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    for (words, code_then, sentence), (code_now, printed, refused) in zip(commands, lines, strict=True):
        assert code_now == code_then, (words, refused)
        assert sentence in (refused if code_then else printed), words
        assert len(refused.splitlines()) == (1 if code_then else 0), refused
