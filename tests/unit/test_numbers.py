"""The numbers of a run in the forms of other programs, read back by pandas."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas  # type: ignore[import-untyped]
import pytest

from core.publish import forms, taken
from core.publish.called import file_names
from core.publish.numbers import COLUMNS, rows
from core.publish.whole import PublishError, write_whole
from core.record import file
from core.record.recording import Recording
from tests.commands import called
from tests.unit.told_runs import Told, layers

SHIPPED = Path(__file__).parents[2] / "assets" / "recordings" / "smallresnet.dlrec"
OTHER = SHIPPED.with_name("smallresnet-nobn.dlrec")


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


def frames(*recordings: Recording) -> dict[str, Any]:
    told = json.loads(forms.as_json(recordings))
    return {
        "csv": read_csv(forms.as_csv(recordings)),
        "parquet": pandas.read_parquet(io.BytesIO(forms.as_parquet(recordings))),
        "json": pandas.DataFrame(told["rows"]),
        "zip": read_csv(zipfile.ZipFile(io.BytesIO(forms.as_zip(recordings))).read("numbers.csv")),
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


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ('=HYPERLINK("x")', '\'=HYPERLINK("x")'),
        ("+1", "'+1"),
        ("-1+cmd", "'-1+cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" \t=1", "' \t=1"),
        ("＝1", "'＝1"),
        ("conv;=1;+2", "conv;'=1;'+2"),  # where a semicolon is between cells
        ("conv1=a-b", "conv1=a-b"),
    ],
)
def test_a_name_is_no_formula(name: str, written: str) -> None:
    told = Told(started={"layers": [name, *[f"conv{i}" for i in range(2, 9)]]}, losses=[2.0])
    recording = told.probe(1, weight_grad=-layers()).recording("@run")
    table = read_csv(forms.as_csv([recording]))
    assert set(table["run"]) == {"'@run"}
    assert of(table, quantity="weight_grad")["place"].iloc[0] == written
    assert set(of(table, quantity="weight_grad")["value"]) == {-1.0}  # a number stays one
    assert name in set(pandas.DataFrame(json.loads(forms.as_json([recording]))["rows"])["place"])


def with_name(recording: Recording, run_id: str, name: str) -> Recording:
    return replace(recording, head=replace(recording.head, id=run_id, name=name, title=name))


ODD = {
    "a\nb\r\nc\x00d": "a\ufffdb\ufffd\ufffdc\ufffdd",
    "<b>&amp;</b> `code` | *bold*": "<b>&amp;</b> `code` | *bold*",
    "מודל 56, עמוק": "מודל 56, עמוק",
    '"quoted", with commas': '"quoted", with commas',
    "long " * 2000: f"{('long ' * 16)[:79]}…{('long ' * 8)[-40:]}",
}


@pytest.mark.parametrize("name", ODD, ids=lambda name: name[:5].encode("unicode_escape").decode())
def test_whatever_a_run_is_called_each_form_is_one_table(name: str, tmp_path: Path) -> None:
    small = Told(losses=[2.0, 1.0]).probe(1).recording()
    pair = [with_name(small, "one", name), with_name(small, "two", "other")]
    for form, table in frames(*pair).items():
        assert list(dict.fromkeys(table["name"])) == [ODD[name], "other"], form
        assert list(dict.fromkeys(table["run"])) == ["one", "two"], form
    assert forms.as_csv(pair).count(b"\n") == 1 + len(list(rows(pair)))  # a number a line
    archive = zipfile.ZipFile(io.BytesIO(forms.as_zip(pair)))
    archive.extractall(tmp_path)
    inside = sorted(path.name for path in (tmp_path / "recordings").iterdir())
    assert [file.read(tmp_path / "recordings" / each).head.title for each in inside] == [name, "other"]
    assert all(path.isascii() and len(path) < 100 for path in archive.namelist())


def test_no_form_tells_where_pictures_lie_on_this_machine(shipped: Recording, tmp_path: Path) -> None:
    spec = shipped.head.spec
    here = spec.but(train=spec.train.but(data=str(tmp_path / "secret" / "cifar")))
    known = replace(shipped, head=replace(shipped.head, spec=here))
    archive = zipfile.ZipFile(io.BytesIO(forms.as_zip([known])))
    contents = [forms.as_csv([known]), forms.as_json([known]), forms.as_parquet([known])]
    contents += [archive.read(name) for name in archive.namelist()]
    assert not [content for content in contents if b"secret" in content]


def test_a_path_as_a_name_leads_nowhere(shipped: Recording) -> None:
    away = with_name(shipped, "../../id", "/etc/../../passwd")
    assert file_names([away]) == ["etc-..-..-passwd-id"]
    assert file_names([away, away]) == ["1-etc-..-..-passwd-1-id", "2-etc-..-..-passwd-2-id"]
    assert file_names([with_name(shipped, "..", "…")]) == ["run-run"]


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


@pytest.mark.parametrize("ending", taken.FORMS)
def test_a_recording_is_exported_by_the_ending_of_its_file(ending: str, tmp_path: Path) -> None:
    target = tmp_path / f"taken{ending}"
    done = called("export", SHIPPED, target, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["bytes"] == target.stat().st_size > 1000


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".json", ".zip"])
def test_several_runs_are_one_table(shipped: Recording, ending: str, tmp_path: Path) -> None:
    """A run that is named twice is in it once."""
    target = tmp_path / f"both{ending}"
    done = called("export", SHIPPED, OTHER, SHIPPED, target)
    assert done.returncode == 0, done.stderr
    content = target.read_bytes()
    if ending == ".json":
        table = pandas.DataFrame(json.loads(content)["rows"])
    elif ending == ".parquet":
        table = pandas.read_parquet(target)
    else:
        table = read_csv(zipfile.ZipFile(target).read("numbers.csv") if ending == ".zip" else content)
    other = file.read(OTHER)
    for recording, name in ((shipped, "ResNet-14 B default"), (other, "ResNet-14 B no BN default")):
        traces = recording.last("metrics")
        assert traces
        loss = of(table, run=recording.head.id, kind="trace", quantity="loss")
        assert set(loss["name"]) == {name}
        assert np.array_equal(loss["value"].to_numpy(np.float64), traces["loss"].astype(np.float64))
    assert len(table) == len(list(rows([shipped, other])))
    archived = zipfile.ZipFile(target).namelist() if ending == ".zip" else []
    assert len([name for name in archived if name.endswith(file.SUFFIX)]) == (2 if ending == ".zip" else 0)


def test_of_a_run_and_its_older_recording_the_one_that_knows_more_is_taken(shipped: Recording) -> None:
    older = replace(shipped, seq=shipped.seq - 1, events=shipped.events[:-1])
    assert taken.each_once([older, shipped, older]) == [shipped]


@pytest.mark.parametrize("target", ["both.py", "both.dlrec", "both.safetensors"])
def test_what_holds_one_run_is_refused_for_several(target: str, tmp_path: Path) -> None:
    done = called("export", SHIPPED, OTHER, tmp_path / target)
    ending = Path(target).suffix
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(rf"A file that ends in {ending} holds .*one run, not 2: name one\.\n", done.stderr)
    assert not list(tmp_path.iterdir())


def test_curves_are_printed(shipped: Recording) -> None:
    done = called("curves", SHIPPED, OTHER, "--csv")
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
