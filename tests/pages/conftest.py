"""Pages are run as the shell runs them, through Streamlit's AppTest."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.web.registry import Page

SHELL = Path(__file__).parents[2] / "core" / "web" / "shell.py"


@pytest.fixture
def open_page() -> Callable[..., AppTest]:
    """``open_page(subject, **query)``: that page, run once, with those query parameters in its address."""

    def run(subject: Page, **query: str) -> AppTest:
        app = AppTest.from_file(str(SHELL), default_timeout=120)
        app.query_params.update(query)
        app.switch_page(subject.path)
        return app.run()

    return run
