"""Reasons, modes and the whole test set, as somebody with a mouse and a keyboard meets them."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Server

HEAT, FIELD = ".st-key-i_why_heat1", ".st-key-i_why_field1"
STOP = "[class*=st-key-stop_] button:visible"
LESSON = re.compile("Train mode: .* Eval mode: always ")


def open_view(page: Page, lab: Server, view: str, **query: str) -> None:
    parameters = "&".join(f"{name}={value}" for name, value in {"i_view": view, "nets": "resnet20", **query}.items())
    page.goto(f"{lab.url}/inspect?{parameters}")


def drawing(canvas: Locator) -> str:
    """The pixels of a canvas."""
    return str(canvas.evaluate("node => node.toDataURL()"))


def choose(page: Page, key: str, option: str) -> None:
    """An option of a select box, by typing."""
    page.locator(f".st-key-{key} input").fill(option)
    page.get_by_role("option", name=option, exact=True).click()


def test_why(page: Page, lab: Server) -> None:
    open_view(page, lab, "Why")
    canvas = page.locator(HEAT).locator(".di-canvas")
    expect(canvas).to_be_visible()
    expect(page.locator(HEAT)).to_contain_text("Grad-CAM at stage3.block3")
    expect(page.get_by_text(re.compile("Half of what speaks for"))).to_be_visible()

    opacity = page.locator(HEAT).get_by_role("slider", name=re.compile("^Map"))
    before = drawing(canvas)
    opacity.fill("0")
    assert drawing(canvas) != before  # the picture alone

    slider = page.locator(".st-key-i_why_layer").get_by_role("slider")
    slider.press("Home")
    expect(page.locator(HEAT)).to_contain_text("Grad-CAM at stem")
    choose(page, "i_why_class", "dog")
    expect(page.get_by_text("Half of what speaks for dog")).to_be_visible()
    page.get_by_role("radio", name="Integrated Gradients").click()
    expect(page.get_by_text(re.compile("Sum .* = logit .* − baseline logit .*, off by"))).to_be_visible()
    page.get_by_role("radio", name="Occlusion").click()
    expect(page.get_by_text("of dog's logit")).to_be_visible()
    page.wait_for_url(re.compile("i_why_class=dog.*i_why_method=Occlusion|i_why_method=Occlusion.*i_why_class=dog"))
    page.reload()  # the link reproduces the page
    expect(page.get_by_text("of dog's logit")).to_be_visible()


def test_position_and_its_receptive_field(page: Page, lab: Server) -> None:
    open_view(page, lab, "Why", i_why_depth="stage1.block1.conv1")
    field = page.locator(FIELD)
    canvas = field.locator(".di-canvas")
    expect(page.get_by_text("Theory 5×5 pixels; 95 % of the gradient lies in 5×5.")).to_be_visible()
    expect(field).to_contain_text("Row 16, column 16 of 32×32")
    box = canvas.bounding_box()
    assert box
    canvas.click(position={"x": box["width"] * 4.5 / 32, "y": box["height"] * 20.5 / 32})
    expect(field).to_contain_text("Row 20, column 4 of 32×32")
    canvas.press("ArrowUp")
    expect(field).to_contain_text("Row 19, column 4 of 32×32")
    slider = page.locator(".st-key-i_why_depth").get_by_role("slider")
    slider.press("End")
    expect(page.get_by_text("more than the picture's 32×32")).to_be_visible()
    expect(field).to_contain_text("Row 4, column 1 of 8×8")  # the same place in maps of 8×8
    page.reload()
    expect(field).to_contain_text("Row 4, column 1 of 8×8")
    page.get_by_role("radio", name="Occlusion").click()
    expect(page.get_by_text("mean drop of the logit").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"i_why_field1=19(%2C|,)4"))


def test_company_moves_the_answer_in_train_mode_only(page: Page, lab: Server) -> None:
    open_view(page, lab, "Train or eval mode", i_modes_company="2")
    finding = page.get_by_text(LESSON)
    expect(finding).to_be_visible()
    expect(page.get_by_text(re.compile("Furthest apart at batch norm"))).to_be_visible()
    first = finding.inner_text()
    seed = page.locator(".st-key-i_modes_seed input")
    seed.fill("1")
    seed.press("Enter")
    expect(finding).not_to_have_text(first)
    choose(page, "i_modes_company", "8")
    page.wait_for_url(re.compile("i_modes_company=8"))
    expect(finding).to_be_visible()


@pytest.fixture
def held(lab: Server) -> Iterator[Callable[[], psutil.Process]]:
    """``held()``: the inference worker, at a standstill until the test lets it go on, or is over."""
    stopped = []

    def hold() -> psutil.Process:
        (worker,) = (process for process in lab.engine_processes() if "core.answers.inference" in process.cmdline())
        stopped.append(worker)
        worker.suspend()
        return worker

    yield hold
    for worker in stopped:
        with suppress(psutil.NoSuchProcess):
            worker.resume()


def left_waiting(page: Page, lab: Server, hold: Callable[[], psutil.Process], seed: int) -> psutil.Process:
    """Opens a view, and asks for another answer of a worker that is at a standstill."""
    open_view(page, lab, "Train or eval mode")
    expect(page.get_by_text(LESSON)).to_be_visible()
    worker = hold()
    field = page.locator(".st-key-i_modes_seed input")
    field.fill(str(seed))
    field.press("Enter")
    expect(page.locator(STOP)).to_be_visible()
    return worker


def test_a_wait_is_stopped_and_gone_on_with(page: Page, lab: Server, held: Callable[[], psutil.Process]) -> None:
    worker = left_waiting(page, lab, held, seed=2)
    page.locator(STOP).click()
    expect(page.get_by_text("Stopped.", exact=True)).to_be_visible()
    expect(page.get_by_text("ResNet-20 says")).to_be_visible()  # the rest of the page stays
    expect(page.get_by_text(LESSON)).to_have_count(0)

    worker.resume()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text(LESSON)).to_be_visible()
    expect(page.get_by_text("Stopped.", exact=True)).to_have_count(0)


def test_a_worker_that_dies_in_between_is_said_and_replaced(
    page: Page, lab: Server, held: Callable[[], psutil.Process]
) -> None:
    left_waiting(page, lab, held, seed=3).kill()
    expect(page.get_by_text("ended in between")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text(LESSON)).to_be_visible()  # as soon as another one listens


def test_whole_test_set_to_one_mistake(page: Page, lab: Server) -> None:
    open_view(page, lab, "Whole test set")
    expect(page.get_by_text("of 1,000 test pictures rightly")).to_be_visible()
    chart = page.locator(".st-key-i_testset_chart_confusion")
    expect(chart.locator(".heatmaplayer image").first).to_be_attached()
    with page.expect_download() as download:
        chart.locator(".modebar-btn").click()
    assert download.value.suggested_filename == "resnet20-confusion.png"

    page.locator(".st-key-i_downloads_testset button").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Arrays (NPZ)").click()
    arrays = np.load(Path(download.value.path()))
    assert arrays["probabilities"].shape == (1000, 10)
    assert arrays["labels"].shape == (1000,)
    page.keyboard.press("Escape")

    wrong = arrays["probabilities"].argmax(1) != arrays["labels"]
    surest = int(np.where(wrong, arrays["probabilities"].max(1), 0).argmax())
    page.locator(f".st-key-i_testset_see_{surest}").get_by_role("button").click()
    page.wait_for_url(re.compile(f"i_test={surest}(&|$)"))
    expect(page.get_by_role("radio", name="Test set", exact=True)).to_be_checked()
    expect(page.locator(".st-key-i_test input")).to_have_value(str(surest))
    expect(page.get_by_text("of 1,000 test pictures rightly")).to_be_visible()  # still there, without another wait
