"""The X-ray page: without a worker it says so, with one it draws every view from what the worker measured."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.web.registry import XRAY

Open = Callable[..., AppTest]
SHALLOW = {"x_depth": "8"}


def words(app: AppTest) -> str:
    return " ".join(text.value for text in app.markdown)


def test_without_a_worker_it_says_so_and_stays_usable(open_page: Open) -> None:
    app = open_page(XRAY, x_depth="14")
    assert not app.exception
    assert "still starting" in app.info[0].value
    app.toggle(key="x_skip1").set_value(True).run()
    assert not app.exception
    assert "still starting" in app.info[0].value


@pytest.mark.usefixtures("warm")
def test_three_nets_and_their_findings(open_page: Open) -> None:
    app = open_page(XRAY, **SHALLOW)
    assert not app.exception
    assert "in plain-8 no BN" in words(app)
    assert "in ResNet-8" in words(app)
    assert "at step 0" in words(app)
    assert len(app.dataframe) == 3
    assert app.dataframe[0].value["layer"][0] == "stem"
    app.toggle(key="x_bn3").set_value(False).run()
    assert not app.exception
    assert "in ResNet-8 no BN" in words(app)


@pytest.mark.usefixtures("warm")
def test_impossible_case_is_said_in_its_column(open_page: Open) -> None:
    app = open_page(XRAY, x_init1="Fixup", **SHALLOW)
    assert not app.exception
    assert "Fixup replaces normalisation" in app.error[0].value


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"x_view": "Fully connected", "x_layers": "10", "x_units": "32"}, "Of a gradient of 1.0 at the last layer"),
        ({"x_view": "Beyond CNNs", "x_blocks": "2", "x_channels": "16"}, "pre-norm"),
        ({"x_view": "Beyond CNNs", "x_block": "ConvNeXt", "x_blocks": "2", "x_channels": "16"}, "layer scale 1"),
    ],
)
def test_other_views(open_page: Open, query: dict[str, str], said: str) -> None:
    app = open_page(XRAY, **query)
    assert not app.exception
    assert not app.toast
    assert said in words(app)


@pytest.mark.usefixtures("warm")
def test_width_that_heads_cannot_share_is_refused(open_page: Open) -> None:
    app = open_page(XRAY, x_view="Beyond CNNs", x_channels="66", x_blocks="2")
    assert not app.exception
    assert "choose 64 or 68" in app.error[0].value
