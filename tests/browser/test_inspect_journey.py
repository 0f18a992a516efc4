"""The Inspect page in a browser: a picture of one's own, its crop by mouse and keyboard, a second net, a link."""

import io
import re
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from core.web.inspect.uploads import MOST_MB
from tests.browser.conftest import PATIENCE, Server

PHOTO = Path(__file__).parents[2] / "assets" / "examples" / "temple.jpg"


def open_page(page: Page, lab: Server, address: str) -> None:
    page.goto(f"{lab.url}/inspect?{address}")
    expect(page.locator(".dp-column").first).to_be_visible()


def shares(page: Page) -> str:
    return page.locator(".dp-column").first.inner_text()


def expect_other_shares(page: Page, before: str) -> None:
    expect(page.locator(".dp-column").first).not_to_have_text(before, use_inner_text=True)


def file_of(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": data}


def drop(page: Page, file: FilePayload | Path) -> None:
    place = page.locator(".st-key-i_picture input[type=file]")
    expect(place).to_have_count(1)  # each file gets a new one, and for a moment the old one is still there
    place.set_input_files(file)


def test_own_picture_its_crop_and_a_second_net(page: Page, lab: Server) -> None:
    open_page(page, lab, "i_from=Upload&nets=smallresnet")
    cropper, square = page.get_by_test_id("cropper"), page.get_by_test_id("crop")
    held = lab.bytes_held()
    drop(page, PHOTO)
    expect(cropper.locator("figcaption").first).to_contain_text("512×342")
    expect(page.locator("figure[data-size='32']")).to_be_visible()
    assert lab.bytes_held() <= held  # only pixels stay

    before = shares(page)
    square.focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("-")
    expect(cropper).not_to_have_attribute("data-crop", "0.5,0.5,1")
    page.wait_for_url(re.compile(r"crop=0\.\d+%2C0\.5%2C0\.926"))
    expect_other_shares(page, before)

    before = shares(page)
    bounds = square.bounding_box()
    assert bounds
    page.mouse.move(bounds["x"] + bounds["width"] - 4, bounds["y"] + bounds["height"] - 4)  # its lower right corner
    page.mouse.down()
    page.mouse.move(bounds["x"] + bounds["width"] / 2, bounds["y"] + bounds["height"] / 2, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile(r"crop=.*%2C0\.4\d*"))
    expect_other_shares(page, before)
    crop = cropper.get_attribute("data-crop")

    page.locator(".st-key-i_nets input").click()
    page.get_by_role("option", name=re.compile(r"^ResNet-20 · \d")).click()
    expect(page.locator(".dp-column")).to_have_count(2)
    expect(cropper).to_have_attribute("data-crop", str(crop))
    page.wait_for_url(re.compile("nets=smallresnet%2Cresnet20"))


def test_link_reproduces_example_crop_nets_and_view(page: Page, lab: Server) -> None:
    open_page(page, lab, "i_example=Boats&nets=smallresnet,resnet20&crop=0.2,0.9,0.5&i_view=Why")
    expect(page.get_by_test_id("cropper")).to_have_attribute("data-crop", "0.2,0.9,0.5")
    expect(page.get_by_role("radio", name="Why")).to_be_checked()
    expect(page.locator(".dp-column")).to_have_count(2)
    first = shares(page)
    page.get_by_test_id("crop").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_url(re.compile(r"crop=0\.\d+%2C0\.9%2C0\.5"))
    expect_other_shares(page, first)
    second, address = shares(page), page.url
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator(".dp-column").first).to_have_text(second, use_inner_text=True)


def test_files_that_cannot_be_used_keep_the_last_good_picture(page: Page, lab: Server, tmp_path: Path) -> None:
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate((MOST_MB + 40) * 10**6)
    open_page(page, lab, "i_from=Upload&nets=resnet20")
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (60, 90, 3), np.uint8)).save(buffer, "PNG")
    drop(page, file_of("noise.png", buffer.getvalue()))
    caption = page.get_by_test_id("cropper").locator("figcaption").first
    expect(caption).to_contain_text("90×60")
    drop(page, file_of("broken.png", buffer.getvalue()[:2000]))
    alert = page.locator(".st-key-i_picture [data-testid=stAlert]")
    expect(alert).to_be_visible()
    expect(caption).to_contain_text("90×60")
    drop(page, huge)
    expect(page.locator(".st-key-i_picture [role=alert]", has_text="must be 50.0MB or smaller")).to_be_visible()
    expect(caption).to_contain_text("90×60")
    drop(page, PHOTO)
    expect(caption).to_contain_text("512×342")
    expect(alert).to_have_count(0)


def test_a_strip_can_be_seen_and_its_true_size_is_named(page: Page, lab: Server) -> None:
    """Whatever its name ends in."""
    open_page(page, lab, "i_from=Upload&nets=resnet20")
    caption = page.get_by_test_id("cropper").locator("figcaption").first
    for (width, height), name in (((1, 10_000), "strip.jfif"), ((10_000, 1), "strip.apng"), ((3000, 2000), "strip")):
        buffer = io.BytesIO()
        Image.new("RGB", (width, height), "teal").save(buffer, "PNG")
        drop(page, file_of(name, buffer.getvalue()))
        expect(caption).to_contain_text(f"{width:,}×{height:,}")
        whole = page.locator(".dc-stage").bounding_box()
        square = page.get_by_test_id("crop").bounding_box()
        assert whole
        assert square
        assert min(whole["width"], whole["height"], square["width"], square["height"]) >= 12
        assert whole["x"] - 1 <= square["x"] <= square["x"] + square["width"] <= whole["x"] + whole["width"] + 1
        assert whole["y"] - 1 <= square["y"] <= square["y"] + square["height"] <= whole["y"] + whole["height"] + 1


def test_test_pictures_until_one_is_wrong(page: Page, lab: Server) -> None:
    open_page(page, lab, "i_from=Test+set&nets=smallresnet")
    expect(page.get_by_test_id("crop")).to_be_hidden()
    page.get_by_role("button", name="One it gets wrong").click()
    expect(page.get_by_text("of the 1,000 test pictures of the sample")).to_be_visible(timeout=2 * PATIENCE)
    expect(page.locator(".dp-said")).to_contain_text("✗")
    page.wait_for_url(re.compile(r"i_test=\d+"))
