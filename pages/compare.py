"""Compare: choose runs and recordings; what differs, what it came to, and all of them on one dashboard."""

import streamlit as st

from core.web import styles
from core.web.compare import choice, page

styles.of_page("compare")
st.title("Compare")
page.draw(choice.choose())
