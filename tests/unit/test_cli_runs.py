"""runs, annotate and delete as people type them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.__main__ import main
from core.record.events import Event
from core.spec import NetSpec, RunSpec
from core.store.identity import Identity
from core.store.store import Store

ME = Identity(1, 1.0)
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def lab(home: Path) -> tuple[str, str]:
    """Two runs that have ended, of 20 and of 56 layers."""
    store = Store(home)
    found = [store.create_run(RunSpec(net=NetSpec(depth=depth)), holder=ME) for depth in (20, 56)]
    for run_id in found:
        test = Event("evaluation", 39, {"epoch": 1, "test_accuracy": 0.25})
        store.append(run_id, [test], ME, status="finished", step=39)
    return found[0], found[1]


def lines(capsys: Capture, *words: str) -> list[dict[str, Any]]:
    assert main([*words, "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return [json.loads(line) for line in said.out.splitlines()]


def refused(capsys: Capture, *words: str) -> str:
    assert main(list(words)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    return said.err


def test_runs_are_listed_and_found(lab: tuple[str, str], capsys: Capture) -> None:
    both = lines(capsys, "runs")
    assert [run["id"] for run in both] == [lab[1], lab[0]]
    assert (both[0]["net"], both[0]["test_accuracy"], both[0]["epochs"]) == ("ResNet-56", 0.25, 1)
    assert [run["id"] for run in lines(capsys, "runs", "depth>50", "accuracy<26")] == [lab[1]]
    assert [run["id"] for run in lines(capsys, "runs", "--limit", "1")] == [lab[1]]
    assert main(["runs", "depth<30"]) == 0
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert said.startswith(f"{lab[0]}  finished  ResNet-20  1/10 epochs  25.0 %")


def test_what_is_written_on_runs_is_what_lists_say(lab: tuple[str, str], capsys: Capture) -> None:
    told = lines(capsys, "annotate", *lab, "--tag", "A", "--tag", "b", "--note", "one\ntwo")
    assert [(run["tags"], run["note"]) for run in told] == [(["a", "b"], "one\ntwo")] * 2
    [told_one] = lines(capsys, "annotate", lab[0], "--title", "Mine", "--untag", "a")
    assert (told_one["name"], told_one["tags"]) == ("Mine", ["b"])
    assert main(["runs", "tag:b", "Mine"]) == 0
    said = capsys.readouterr().out
    assert "Mine" in said
    assert "#b" in said
    assert said.count("\n") == 1  # whatever the note holds


def test_checkpoints_are_pinned_and_let_go(lab: tuple[str, str], home: Path, capsys: Capture) -> None:
    folder = Store(home).folder(lab[0])
    for step in (10, 20, 30, 39):
        (folder / f"checkpoint-{step}.safetensors").touch()
    [told] = lines(capsys, "annotate", lab[0], "--pin", "10", "--pin", "20")
    assert told["pins"] == [10, 20]
    [told] = lines(capsys, "annotate", lab[0], "--unpin", "20")
    assert told["pins"] == [10]
    assert sorted(path.name for path in folder.glob("*.safetensors")) == [
        f"checkpoint-{step}.safetensors" for step in (10, 30, 39)
    ]
    assert "choose one of 10, 30, 39" in refused(capsys, "annotate", lab[0], "--pin", "20")
    assert "20 of ResNet-20 is not pinned: choose 10" in refused(capsys, "annotate", lab[0], "--unpin", "20")


def test_notes_are_pinned_listed_and_deleted(lab: tuple[str, str], capsys: Capture) -> None:
    lines(capsys, "annotate", lab[0], "--at", "7", "--note", "one\ntwo")
    [told] = lines(capsys, "annotate", lab[0], "--note", "of the run")
    assert told["note"] == "of the run"
    [note] = lines(capsys, "notes", *lab)
    assert {name: note[name] for name in ("run", "step", "layer", "text")} == {
        **{"run": lab[0], "step": 7},
        **{"layer": "", "text": "one\ntwo"},
    }
    assert main(["notes", lab[0]]) == 0
    assert capsys.readouterr().out == f"{note['id']:>4}  {lab[0]}  step 7  one two\n"
    assert "There is no note" in refused(capsys, "annotate", lab[1], "--erase", str(note["id"]))
    lines(capsys, "annotate", lab[0], "--erase", str(note["id"]))
    assert lines(capsys, "notes", *lab) == []
    assert main(["notes", lab[0]]) == 0
    assert capsys.readouterr().out == "No note is pinned there yet.\n"


def test_delete_undo_and_empty(lab: tuple[str, str], capsys: Capture) -> None:
    assert [run["id"] for run in lines(capsys, "delete", lab[0])] == [lab[0]]
    assert [run["id"] for run in lines(capsys, "runs")] == [lab[1]]
    assert [run["id"] for run in lines(capsys, "runs", "--bin")] == [lab[0]]
    assert "lies in the bin" in refused(capsys, "record", lab[0], "x.dlrec")
    assert [run["deleted"] for run in lines(capsys, "delete", lab[0], "--undo")] == [None]
    lines(capsys, "delete", *lab)
    [emptied] = lines(capsys, "delete", "--empty")
    assert emptied["removed"] == 2
    assert lines(capsys, "runs") == lines(capsys, "runs", "--bin") == []
    assert main(["runs"]) == 0
    assert capsys.readouterr().out == "There is no run yet.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["runs", "dept>5"], "write depth"),
        (["delete"], "No run was named"),
        (["delete", "none"], 'There is no run "none"'),
        (["delete", "none", "--undo"], 'no run "none" in the bin'),
        (["delete", "none", "--empty"], "give --empty alone"),
        (["annotate", "none"], "Nothing is to be written"),
        (["annotate", "none", "--at", "7", "--tag", "x"], "Nothing is to be written at step 7: give --note too"),
        (["annotate", "none", "--note", "x", "--layer", "stem"], "give --at too"),
        (["notes", "none"], 'There is no run "none"'),
        (["annotate", "none", "--title", "x"], 'There is no run "none"'),
        (["annotate", "none", "--title", "x" * 10_000], "no run"),
    ],
)
def test_what_cannot_be_is_one_sentence(lab: tuple[str, str], capsys: Capture, words: list[str], sentence: str) -> None:
    assert sentence in refused(capsys, *words)


def test_a_name_that_cannot_be_changes_no_run(lab: tuple[str, str], capsys: Capture) -> None:
    assert "too long" in refused(capsys, "annotate", *lab, "--title", "x" * 10_000)
    assert "cannot be seen" in refused(capsys, "annotate", *lab, "--title", "a\u202eb")
    assert "is no tag" in refused(capsys, "annotate", *lab, "--note", "kept?", "--tag", "two words")
    assert {(run["title"], run["note"]) for run in lines(capsys, "runs")} == {("", "")}


def test_record_tells_of_the_file(lab: tuple[str, str], tmp_path: Path, capsys: Capture) -> None:
    target = tmp_path / "one.dlrec"
    [told] = lines(capsys, "record", lab[0], str(target))
    assert told == {"file": str(target), "run": lab[0], "step": 39, "bytes": target.stat().st_size}
