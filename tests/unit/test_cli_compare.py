"""``python -m core compare`` says what the page Compare says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.record import file
from tests.unit.told_runs import Told


def written(folder: Path, name: str, title: str = "", **made: object) -> str:
    told = Told(losses=np.full(39, 1.5), **made).test(39, 1, 0.5 if made.get("net") else 0.25).recording(name)  # type: ignore[arg-type]
    path = folder / f"{name}.dlrec"
    path.write_bytes(file.to_bytes(replace(told, head=replace(told.head, title=title))))
    return str(path)


def test_two_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [written(tmp_path, "a"), written(tmp_path, "b", net={"skip": False})]
    assert main(["compare", *runs, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["runs"] == [{"id": "a", "name": "ResNet-8"}, {"id": "b", "name": "plain-8"}]
    assert told["differs"] == [{"what": "skips", "values": ["with skips", "without skips"]}]
    assert {"what": "Test accuracy", "values": ["25.0 % after epoch 1", "50.0 % after epoch 1"]} in told["results"]
    assert told["verdict"].startswith(
        "These runs differ in skips alone: test accuracy after epoch 1 is 25.0 % with skips and 50.0 % without skips, "
        "25.0 points apart with one seed each: 2 more seeds of each"
    )
    assert main(["compare", *runs]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{told['verdict']}\n\nskips\n  ResNet-8: with skips\n  plain-8: without skips\n")
    assert "\n\nTest accuracy\n  ResNet-8: 25.0 % after epoch 1\n" in said


def test_a_title_is_printed_as_it_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [written(tmp_path, "a", "רשת"), written(tmp_path, "b", "red \x1b[31m", seed=1)]
    assert main(["compare", *runs]) == 0
    said = capsys.readouterr().out
    assert "\n  רשת: seed 0\n" in said
    assert "\x1b" not in said
    assert "\u2068" not in said


@pytest.mark.parametrize("count", [1, 13])
def test_too_few_and_too_many(tmp_path: Path, capsys: pytest.CaptureFixture[str], count: int) -> None:
    runs = [written(tmp_path, str(seed), seed=seed) for seed in range(count)]
    assert main(["compare", *runs, *runs]) == 2  # one that is named twice is there once
    assert capsys.readouterr().err == f"2 to 12 different runs can be compared, not {count}: name so many.\n"
