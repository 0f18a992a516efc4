"""Every page opens by itself, with good and bad addresses."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.web.registry import PAGES, TRAIN, Page

Open = Callable[..., AppTest]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_opens(open_page: Open, page: Page) -> None:
    app = open_page(page)
    assert not app.exception
    assert not app.error


def test_link_sets_the_form(open_page: Open) -> None:
    app = open_page(TRAIN, depth="56", bn="false", skip="false", lr="0.05", epochs="3")
    assert not app.exception
    assert app.select_slider(key="depth").value == 56
    assert app.toggle(key="bn").value is False
    assert "plain-56 no BN" in app.button(key="train").label
