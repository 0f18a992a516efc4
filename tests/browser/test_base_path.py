"""Under a base path everything is found: pages by deep link, links, live charts and their poll, files to save."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.store.home import ROOT
from tests.browser.conftest import Server
from tests.browser.relay import Relay


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("below"), base="/a/lab")
    yield server
    server.close()
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


@pytest.fixture(params=["as it is", "behind a proxy"])
def address(below: Server, request: pytest.FixtureRequest) -> Iterator[str]:
    """Also behind a proxy that hands the path on as it came. To be asked for before the page, which leaves first."""
    if request.param == "as it is":
        yield below.url
        return
    relay = Relay(below.port, delay=0.02)
    yield relay.url + below.base
    relay.close()


def test_everything_is_found(address: str, page: Page) -> None:
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url) if not of(request.url, address) else None)
    page.goto(address)
    page.get_by_role("link", name="Set up ResNet-20").click()
    expect(page.locator(".st-key-train button")).to_contain_text("Train ResNet-20")
    page.goto(f"{address}/train?depth=8&width=8&epochs=200")
    page.locator(".st-key-train button").click()
    page.wait_for_url(re.compile("run="))
    expect(page.get_by_test_id("live-step")).to_contain_text(re.compile(r"^[1-9]"))
    expect(page.get_by_test_id("card-learns").locator(".js-plotly-plot").first).to_be_visible()
    page.reload()
    expect(page.get_by_test_id("live-status")).to_have_text("running")
    page.get_by_test_id("transport-stop").click()
    expect(page.get_by_test_id("live-status")).to_have_text("stopped")
    page.get_by_role("link", name="Home").click()
    page.wait_for_url(f"{address}/")
    page.get_by_role("link", name=re.compile("^Open ResNet-8")).first.click()
    page.wait_for_url(re.compile(re.escape(address) + r"/train\?run="))
    expect(page.get_by_test_id("live-status")).to_have_text("stopped")
    page.goto(f"{address}/architecture?depth=20")
    page.get_by_role("link", name="Train ResNet-20").click()
    page.wait_for_url(re.compile(re.escape(address) + "/train"))
    page.goto(f"{address}/inspect?i_view=Train+or+eval+mode&nets=resnet20")
    page.get_by_role("button", name="Download").first.click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Arrays (NPZ)").click()
    assert Path(saved.value.path()).read_bytes()[:2] == b"PK"
    assert not foreign


def of(url: str, address: str) -> bool:
    return url.startswith((f"{address}/", "data:", "blob:")) or url == address


def test_a_second_server_says_where_the_first_is(below: Server) -> None:
    command = [sys.executable, "-m", "core", "serve", "--port", str(below.port)]
    environment = os.environ | {"DEPTHLAB_HOME": str(below.home)}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr == f"Depth Lab is already running at {below.url}: open that, or stop it first.\n"
