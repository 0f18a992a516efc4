"""The numbers of a run in the forms of other programs, read back by pandas."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas  # type: ignore[import-untyped]
import pytest

from core.publish import forms
from core.publish.numbers import COLUMNS
from core.publish.whole import PublishError, write_whole
from core.record import file
from core.record.recording import Recording
from tests.commands import called
from tests.unit.told_runs import Told, layers

SHIPPED = Path(__file__).parents[2] / "assets" / "recordings" / "smallresnet.dlrec"


@pytest.fixture(scope="module")
def shipped() -> Recording:
    return file.read(SHIPPED)


def read_csv(content: bytes) -> Any:
    empty = {"value": [""]}
    return pandas.read_csv(io.BytesIO(content), keep_default_na=False, na_values=empty)


def of(table: Any, **chosen: Any) -> Any:
    for name, value in chosen.items():
        table = table[table[name] == value]
    return table


def frames(recording: Recording) -> dict[str, Any]:
    told = json.loads(forms.as_json([recording]))
    return {
        "csv": read_csv(forms.as_csv([recording])),
        "parquet": pandas.read_parquet(io.BytesIO(forms.as_parquet([recording]))),
        "json": pandas.DataFrame(told["rows"]),
        "zip": read_csv(zipfile.ZipFile(io.BytesIO(forms.as_zip([recording]))).read("numbers.csv")),
    }


def test_pandas_reads_every_number_back(shipped: Recording) -> None:
    traces = shipped.last("metrics")
    assert traces
    looks = list(shipped.of_kind("probe"))
    detailed = [look for look in looks if "histogram" in look.payload]
    started = shipped.last("started")
    assert started
    assert detailed
    layer = started["layers"].index("fc")
    for form, table in frames(shipped).items():
        assert list(table.columns) == list(COLUMNS), form
        loss = of(table, kind="trace", quantity="loss")
        assert np.array_equal(loss["step"], traces["steps"]), form
        assert np.array_equal(loss["value"].to_numpy(np.float64), traces["loss"].astype(np.float64)), form
        grads = of(table, kind="probe", quantity="weight_grad", place="fc")
        assert np.array_equal(
            grads["value"].to_numpy(np.float64), [look.payload["weight_grad"][layer] for look in looks]
        )
        bins = of(table, quantity="histogram", place="fc", step=detailed[-1].step)
        assert np.array_equal(bins["value"].to_numpy(np.float64), detailed[-1].payload["histogram"][layer]), form
        tests = of(table, kind="test", quantity="test_accuracy")
        assert list(tests["value"]) == [each.payload["test_accuracy"] for each in shipped.of_kind("evaluation")], form


def test_parquet_says_in_its_schema_what_the_columns_are(shipped: Recording) -> None:
    from pyarrow import parquet  # type: ignore[import-untyped]

    schema = parquet.read_schema(io.BytesIO(forms.as_parquet([shipped])))
    assert {field.name: field.metadata[b"what"].decode() for field in schema} == COLUMNS
    assert json.loads(schema.metadata[b"runs"])[0]["id"] == shipped.head.id


def test_a_name_is_no_formula() -> None:
    told = Told(started={"layers": ['=HYPERLINK("x")', *[f"conv{i}" for i in range(2, 9)]]}, losses=[2.0])
    recording = told.probe(1, weight_grad=-layers()).recording("@run")
    table = read_csv(forms.as_csv([recording]))
    assert set(table["run"]) == {"'@run"}
    assert '\'=HYPERLINK("x")' in set(table["place"])
    assert set(of(table, quantity="weight_grad")["value"]) == {-1.0}  # a number stays one


def test_what_is_not_finite_is_empty() -> None:
    recording = Told(losses=[2.0, float("nan")]).recording()
    for form, table in frames(recording).items():
        assert list(of(table, quantity="loss")["value"].isna()) == [False, True], form


def test_nothing_half_is_left_where_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "numbers.csv"
    target.write_text("before")

    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as half:
            half.write(content[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(PublishError, match=r"could not be written \(No space left on device\).*\.$"):
        write_whole(target, b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["numbers.csv"]
    assert target.read_text() == "before"


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".json", ".zip", ".py"])
def test_a_recording_is_exported_by_the_ending_of_its_file(ending: str, tmp_path: Path) -> None:
    target = tmp_path / f"taken{ending}"
    done = called("export", SHIPPED, target, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["bytes"] == target.stat().st_size > 1000


def test_curves_are_printed(shipped: Recording) -> None:
    done = called("curves", SHIPPED, SHIPPED.with_name("smallresnet-nobn.dlrec"), "--csv")
    assert len(read_csv(done.stdout.encode())["run"].unique()) == 2
    assert json.loads(called("curves", SHIPPED, "--json").stdout)["runs"][0]["id"] == shipped.head.id


def test_what_cannot_be_taken_along_is_one_sentence(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.dlrec"
    damaged.write_bytes(SHIPPED.read_bytes()[:5000])
    newer = tmp_path / "newer.dlrec"
    with zipfile.ZipFile(newer, "w") as archive:
        archive.writestr("head.json", '{"format": 99}')
    for words in (
        ("export", SHIPPED, tmp_path / "run.txt"),
        ("export", SHIPPED, tmp_path / "no" / "folder.csv"),
        ("export", damaged, tmp_path / "run.csv"),
        ("export", newer, tmp_path / "run.py"),
        ("curves", tmp_path / "none.dlrec"),
    ):
        done = called(*words)
        assert (done.returncode, done.stdout) == (2, "")
        sentence = done.stderr.removesuffix("\n")
        assert "\n" not in sentence
        assert sentence.endswith("."), sentence
    assert not list(tmp_path.glob("run.*"))
