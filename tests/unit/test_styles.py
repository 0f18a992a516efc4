"""Style sheets name no colour of the lab that Python does not give them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.assets import ASSETS
from core.web import styles

SHEETS = sorted(ASSETS.rglob("*.css"))
OF_A_KIND = "--lab-kind"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: str(sheet.relative_to(ASSETS)))
def test_each_colour_that_a_sheet_names_is_given(sheet: Path) -> None:
    used = set(re.findall(r"--lab-[a-z0-9-]+", sheet.read_text()))
    assert used <= {*styles.named_colours(), OF_A_KIND}


def test_what_is_of_a_kind_of_net_has_its_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    put: list[str] = []
    monkeypatch.setattr("streamlit.html", put.append)
    styles.of_all_pages()
    assert "[class*=-of-plain-] { --lab-kind: var(--lab-plain); }" in put[0]
    assert "--lab-plain: #D55E00;" in put[0]
