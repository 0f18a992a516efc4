"""A recording is opened by address and by drop, and shows what the run itself shows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.record import file
from core.store.recordings import recording
from core.store.store import Store
from tests.browser.conftest import Server

FIRST = Path(__file__).parents[1] / "labs" / "first"


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A file that was recorded in another lab."""
    shutil.copytree(FIRST, tmp_path / "lab")
    store = Store(tmp_path / "lab")
    (run,) = store.runs()
    target = tmp_path / "eight.dlrec"
    file.write(target, recording(store, run))
    store.close()
    return target


def sees_the_run(page: Page) -> None:
    bar = page.get_by_test_id("live")
    expect(page.get_by_text("Recording of ResNet-8 ×0.125, finished at step 20")).to_be_visible()
    expect(bar.get_by_text("20 / 20")).to_be_visible()
    expect(bar.get_by_text("test accuracy 12.4 % after epoch 2")).to_be_visible()
    expect(page.get_by_test_id("transport-stop")).to_be_hidden()
    expect(page.get_by_test_id("lr-input")).to_be_hidden()


def test_by_address_and_again_after_a_reload(page: Page, lab: Server, recorded: Path) -> None:
    folder = lab.home / "recordings"
    folder.mkdir(exist_ok=True)
    shutil.copy(recorded, folder / "eight.dlrec")
    page.goto(f"{lab.url}/train?file=eight.dlrec")
    sees_the_run(page)
    page.get_by_test_id("live").get_by_role("button", name="epoch", exact=True).click()
    page.wait_for_url("**l_time=epoch**")
    page.get_by_test_id("live").get_by_role("button", name="agreement").click()  # which its version did not measure
    expect(page.get_by_text("This was not measured in this run")).to_be_visible()
    page.reload()
    sees_the_run(page)
    expect(page.get_by_test_id("live").get_by_role("button", name="epoch", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("Choose a net, press Train, watch it learn")).to_be_visible()
    assert "file=" not in page.url


def test_by_drop_and_under_the_address_that_it_then_has(page: Page, lab: Server, recorded: Path) -> None:
    page.goto(f"{lab.url}/train")
    held = lab.bytes_held()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(recorded)
    sees_the_run(page)
    page.wait_for_url("**/train?file=file-*")
    assert lab.bytes_held() <= held
    page.reload()
    sees_the_run(page)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("../lab.db", "There is no recording"),
        ("none.dlrec", "There is no recording"),
        ("file-123", "This recording is not open any more"),
    ],
)
def test_what_cannot_be_opened_is_said(page: Page, lab: Server, name: str, sentence: str) -> None:
    page.goto(f"{lab.url}/train?file={name}")
    expect(page.get_by_text(sentence)).to_be_visible()


def test_a_file_that_is_none_is_said(page: Page, lab: Server, tmp_path: Path) -> None:
    (tmp_path / "cut.dlrec").write_bytes(b"PK\x03\x04 half a zip")
    page.goto(f"{lab.url}/train")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(tmp_path / "cut.dlrec")
    expect(page.get_by_text("is no whole recording of this lab")).to_be_visible()
