"""A walk through the feature maps of trained nets, and down to the products of one number."""

import re

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Server


def open_view(page: Page, lab: Server, query: str) -> None:
    page.goto(f"{lab.url}/inspect?{query}")
    expect(page.get_by_test_id("overlay").first).to_be_visible()


def titles(page: Page) -> Locator:
    return page.get_by_test_id("grid").locator(".di-title")


def pixels(canvas: Locator) -> str:
    """What a canvas shows."""
    return str(canvas.evaluate("canvas => canvas.toDataURL()"))


def test_slider_by_keyboard_and_a_map_by_click(page: Page, lab: Server) -> None:
    open_view(page, lab, "nets=resnet20&i_view=Feature+maps")
    expect(titles(page)).to_have_text("stem")
    tiles = page.get_by_test_id("grid").locator("canvas.di-canvas")
    node, before = tiles.element_handle(), pixels(tiles)
    page.locator(".st-key-i_maps_layer input").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(titles(page)).to_have_text("stage1.block1.conv2")
    page.wait_for_url(re.compile(r"i_maps_layer=stage1\.block1\.conv2"))
    assert node is not None
    assert node.evaluate("node => node.isConnected")  # drawn again in its place: nothing jumps
    assert pixels(tiles) != before

    large = page.get_by_test_id("overlay").locator("canvas.di-canvas")
    expect(large).to_have_attribute("aria-label", re.compile("of stage1.block1.conv2 in colours"))
    before = pixels(large)
    tiles.click(position={"x": 260, "y": 60})
    page.wait_for_url(re.compile(r"i_maps_map1=\d+"))
    chosen = re.search(r"i_maps_map1=(\d+)", page.url)
    assert chosen
    expect(page.get_by_test_id("overlay").locator(".di-title")).to_have_text(f"Map {chosen[1]} of 16, over the picture")
    expect(page.get_by_test_id("addition").locator(".di-title")).to_contain_text(f"map {chosen[1]}")
    assert pixels(large) != before
    tiles.press("ArrowRight")
    expect(page.get_by_test_id("overlay").locator(".di-title")).not_to_have_text(
        f"Map {chosen[1]} of 16, over the picture"
    )
    page.wait_for_url(lambda url: f"i_maps_map1={chosen[1]}" not in url)
    shown = page.get_by_test_id("overlay").locator(".di-title").inner_text()
    page.reload()  # the link reproduces the page
    expect(page.get_by_test_id("overlay").locator(".di-title")).to_have_text(shown)


def test_opacity_needs_no_run_of_the_script(page: Page, lab: Server) -> None:
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    open_view(page, lab, "nets=resnet20&i_view=Feature+maps")
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    large = page.get_by_test_id("overlay").locator("canvas.di-canvas")
    before, asked = pixels(large), len(sent)
    assert asked
    slider = page.get_by_role("slider", name="Map: opacity in percent")
    slider.focus()
    slider.press("Home")
    expect(page.locator(".di-opacity output").first).to_have_text("0 %")
    bare = pixels(large)
    assert bare != before
    slider.press("End")
    assert pixels(large) not in (bare, before)
    assert len(sent) == asked


def test_two_nets_at_the_same_relative_depth(page: Page, lab: Server) -> None:
    open_view(page, lab, "nets=smallresnet,resnet20&i_view=Feature+maps&i_maps_layer=stage3.block3.conv2")
    expect(titles(page)).to_have_text(
        [re.compile(r": stage3\.block2\.conv2$"), re.compile(r": stage3\.block3\.conv2$")]
    )
    page.locator(".st-key-i_maps_layer input").focus()
    page.keyboard.press("Home")
    expect(titles(page)).to_have_text([re.compile(": stem$"), re.compile(": stem$")])


def test_a_quick_walk_back_and_forth_moves_nothing(page: Page, lab: Server) -> None:
    open_view(page, lab, "nets=smallresnet,resnet20&i_view=Feature+maps&i_example=Boats")
    expect(titles(page)).to_have_text([re.compile(": stem$"), re.compile(": stem$")])
    canvases = [canvas.element_handle() for canvas in page.locator("canvas.di-canvas").all()]
    page.locator(".st-key-i_maps_layer input").focus()
    for key, end in (
        ("ArrowRight", "stage2.block3.conv2"),
        ("ArrowLeft", "stem"),
        ("ArrowRight", "stage2.block3.conv2"),
    ):
        for _ in range(12):
            page.keyboard.press(key)
        expect(titles(page).last).to_have_text(re.compile(f": {end}$"))
        assert all(canvas is not None and canvas.evaluate("node => node.isConnected") for canvas in canvases)


def test_branch_plus_shortcut_is_the_sum(page: Page, lab: Server) -> None:
    open_view(page, lab, "nets=resnet20&i_view=Feature+maps&i_maps_layer=stage1.block2.conv2&i_maps_map1=6")
    page.get_by_test_id("addition").locator("canvas").nth(1).hover(position={"x": 40, "y": 50})
    reading = page.get_by_test_id("block-reading")
    expect(reading).to_contain_text("=")
    _, numbers = reading.inner_text().replace("−", "-").replace("- ", "+ -").split(": ")
    terms, total = numbers.split(" = ")
    assert abs(sum(float(term) for term in terms.split(" + ")) - float(total)) < 2e-3 * max(1, abs(float(total)))


def test_products_add_up_to_the_number_that_was_clicked(page: Page, lab: Server) -> None:
    open_view(page, lab, "nets=resnet20&i_view=From+map+to+number&i_number_layer=stem&i_number_map=1")
    large = page.get_by_test_id("overlay").locator("canvas.di-canvas")
    box = large.bounding_box()
    assert box
    large.click(position={"x": 100, "y": 60})
    row, column = int(60 / box["height"] * 32), int(100 / box["width"] * 32)
    page.wait_for_url(re.compile(f"i_number_at={row}(%2C|,){column}$"))
    products = page.get_by_test_id("products")
    expect(products.locator(".di-title")).to_contain_text(f"Row {row}, column {column} of map 1 of stem: 27 products")
    sums = [number(text) for text in products.locator(".di-total").all_inner_texts()]
    assert len(sums) == 3
    steps = page.get_by_test_id("steps").locator("li")
    assert abs(sum(sums) - number(steps.first.locator(".di-net").inner_text())) < 2e-3
    for step in steps.all():
        here, net = step.locator(".di-here").inner_text(), step.locator(".di-net").inner_text()
        assert abs(number(here) - number(net)) < 2e-3
    marked = page.get_by_test_id("steps").locator("[data-marked]")
    large.press("ArrowDown")  # the chosen position is read out, not the one that the pointer was left on
    expect(products.locator(".di-title")).to_contain_text(f"Row {row + 1}, column {column} ")
    reading = page.get_by_test_id("reading").inner_text()
    assert abs(number(marked.locator(".di-net").inner_text()) - number(reading.rpartition(": ")[2])) < 2e-3


def number(text: str) -> float:
    """What a person reads: a true minus sign, perhaps a power of ten."""
    plain = text.replace("−", "-").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    mantissa, _, exponent = plain.partition("·10")
    return float(mantissa) * 10 ** int(exponent or 0)


def test_maps_can_be_saved(page: Page, lab: Server) -> None:
    open_view(page, lab, "nets=resnet20&i_view=Feature+maps&i_maps_layer=stage2.block1.conv2")
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as picture:
        page.get_by_role("button", name="Grid (PNG)").click()
    with Image.open(picture.value.path()) as sheet:
        assert sheet.format == "PNG"
        assert sheet.width > 300
    with page.expect_download() as arrays:
        page.get_by_role("button", name="Arrays (NPZ)").click()
    with np.load(arrays.value.path(), allow_pickle=False) as saved:
        assert saved["maps"].shape == (32, 16, 16)
        assert saved["picture"].shape == (32, 32, 3)
        assert str(saved["layer"]) == "stage2.block1.conv2"
