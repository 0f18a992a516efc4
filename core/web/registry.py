"""The pages of the app, in the order of the navigation: add a page here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from core.web import keys

FOLDER = Path(__file__).parents[2] / "pages"


@dataclass(frozen=True)
class Page:
    """One page: its script in pages/, its title, icon and address, and the keys that it reads there."""

    script: str
    title: str
    icon: str
    keys: frozenset[str] = frozenset()
    default: bool = False
    listed: bool = True  # in the navigation; another is reached from what it belongs to

    def to_streamlit(self) -> st.Page:
        visibility: Literal["visible", "hidden"] = "visible" if self.listed else "hidden"
        return st.Page(
            FOLDER / self.script, title=self.title, icon=self.icon, default=self.default, visibility=visibility
        )

    @property
    def path(self) -> str:
        return str(FOLDER / self.script)


def name_tab(*words: str) -> None:
    """What the tab is called, the most particular first: "plain-56 · Train · Depth Lab"."""
    st.set_page_config(page_title=" · ".join([*words, "Depth Lab"]))


HOME = Page("home.py", "Home", ":material/home:", default=True)
ARCHITECTURE = Page("architecture.py", "Architecture", ":material/account_tree:", keys.ARCHITECTURE)
TRAIN = Page("train.py", "Train", ":material/play_circle:", keys.TRAIN)
RUNS = Page("runs.py", "Runs", ":material/list_alt:", keys.RUNS)
COMPARE = Page("compare.py", "Compare", ":material/compare_arrows:", keys.COMPARE)
XRAY = Page("xray.py", "X-ray", ":material/radiology:", keys.XRAY)
INSPECT = Page("inspect.py", "Inspect", ":material/search:", keys.INSPECT)
RUN = Page("run.py", "Run", ":material/receipt_long:", keys.RUN, listed=False)
PAGES = (HOME, ARCHITECTURE, TRAIN, RUNS, COMPARE, XRAY, INSPECT, RUN)
