"""Runs taken along by buttons: what the browser saves is what the lab knows, read back by other programs."""

from __future__ import annotations

import ast
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas  # type: ignore[import-untyped]
import pytest
from playwright.sync_api import Page, expect

from core.publish import taken
from core.publish.numbers import rows
from core.record import file
from core.record.events import Event
from core.record.recording import Recording
from core.report.report import REPORT
from core.spec import RunSpec, preset
from core.store import bin
from core.store.identity import Identity
from core.store.store import Store
from tests.browser.conftest import ROOT, Server
from tests.browser.test_runs_journey import select

RECORDINGS = ROOT / "assets" / "recordings"
PAIR = ("smallresnet.dlrec", "smallresnet-nobn.dlrec")
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With three runs, of which nobody trains any."""
    store = Store(tmp_path_factory.mktemp("taking"))
    me = Identity.me()
    for seed in range(3):
        spec = RunSpec(net=preset("plain20"))
        run_id = store.create_run(spec.but(train=spec.train.but(seed=seed)), holder=me)
        traces = {name: np.full(5, 1.0 + seed, np.float32) for name in ("loss", "accuracy", "lr")}
        pace = {"seconds": 1.0, "seconds_left": 0.0, "images_per_second": 9.0, "epoch": 0.1}
        metrics = Event("metrics", 5, {"steps": np.arange(1, 6, dtype=np.int32), **traces, **pace})
        store.append(run_id, [metrics, Event("stopped", 5)], me, status="stopped", step=5)
    store.close()
    server = Server(store.home)
    yield server
    server.close()
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


def open_list(page: Page) -> None:
    page.wait_for_selector(SETTLED)
    page.get_by_role("button", name="Take along").click()
    page.get_by_role("button", name="CSV", exact=True).wait_for()


def saved(page: Page, form: str) -> tuple[str, bytes]:
    """Name and content of what comes."""
    with page.expect_download() as coming:
        page.get_by_role("button", name=form, exact=True).click()
    return coming.value.suggested_filename, Path(coming.value.path()).read_bytes()


def losses(table: Any) -> list[float]:
    return list(table[(table["kind"] == "trace") & (table["quantity"] == "loss")]["value"])


def test_a_recording_in_every_form(page: Page, server: Server) -> None:
    known = file.read(RECORDINGS / PAIR[0])
    traces = known.last("metrics")
    assert traces
    page.goto(f"{server.url}/run?file={PAIR[0]}")
    open_list(page)
    found = {form.ending: saved(page, form.name) for form in taken.FORMS.values()}
    name = f"ResNet-14-B-default-{known.head.id}"
    assert [each[0] for each in found.values()] == [name + ending for ending in taken.FORMS]
    contents = {ending: content for ending, (_, content) in found.items()}
    assert file.from_bytes(contents[".dlrec"], "x") == known  # with its own id, not that of what is shown
    ast.parse(contents[".py"])
    archive = zipfile.ZipFile(io.BytesIO(contents[".zip"]))
    tables = [
        pandas.read_csv(io.BytesIO(contents[".csv"])),
        pandas.read_csv(archive.open("numbers.csv")),
        pandas.read_parquet(io.BytesIO(contents[".parquet"])),
        pandas.DataFrame(json.loads(contents[".json"])["rows"]),
    ]
    for table in tables:
        assert losses(table) == list(traces["loss"].astype(np.float64))
        assert set(table["run"]) == {known.head.id}


def test_a_comparison_is_one_table(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/compare?runs={','.join(PAIR)}")
    open_list(page)
    expect(page.get_by_role("button", name="Recording", exact=True)).to_have_count(0)
    called, report = saved(page, "Report")
    assert called == "2-runs.html"
    assert report == REPORT.content([file.read(RECORDINGS / each) for each in PAIR])
    name, content = saved(page, "CSV")
    known: list[Recording] = [file.read(RECORDINGS / each) for each in PAIR]
    table = pandas.read_csv(io.BytesIO(content))
    assert name == "2-runs.csv"
    assert list(dict.fromkeys(table["run"])) == [each.head.id for each in known]
    assert len(table) == len(list(rows(known)))


def test_what_is_selected_in_the_list(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/runs")
    for row in (1, 2):
        select(page, row)
        expect(page.get_by_text(f"{row} selected")).to_be_visible()
    open_list(page)
    _, content = saved(page, "Parquet")
    table = pandas.read_parquet(io.BytesIO(content))
    assert sorted(losses(table)) == [2.0] * 5 + [3.0] * 5  # the newest two
    assert set(table["name"]) == {"plain-20 · seed 1", "plain-20 · seed 2"}


def test_a_run_that_is_deleted_meanwhile_is_still_taken_and_no_script_says_why(page: Page, server: Server) -> None:
    store = Store(server.home)
    oldest = store.runs()[-1].id
    page.goto(f"{server.url}/run?run={oldest}")
    open_list(page)
    expect(page.get_by_role("button", name="Script", exact=True)).to_be_disabled()
    bin.delete(store, [oldest])
    store.close()
    _, content = saved(page, "CSV")
    assert losses(pandas.read_csv(io.BytesIO(content))) == [1.0] * 5
