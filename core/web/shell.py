"""The main script: page frame and navigation. Runs before every page."""

import streamlit as st

from core.processes.refusals import REFUSALS
from core.web import registry, static, styles
from core.web.addresses import tidy
from core.web.server import say

ASSETS = registry.FOLDER.parent / "assets"

# icons are files of ours: a Material icon here would be fetched from another host
st.set_page_config(page_icon=ASSETS / "icon.svg", layout="wide")
st.logo(ASSETS / "logo.svg", size="large")
styles.of_all_pages()
st.html(f'<script type="module" src="{static.url("shell/links.js")}"></script>', unsafe_allow_javascript=True)
chosen = st.navigation([page.to_streamlit() for page in registry.PAGES], position="top")
registry.name_tab(chosen.title)
tidy(next(page.keys for page in registry.PAGES if page.title == chosen.title))
try:
    chosen.run()
except REFUSALS as refusal:
    say(refusal)
