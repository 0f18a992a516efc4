"""Start with ``streamlit run app.py``. The launcher only: routes and lifespan; no widgets, no torch.

The main script lives in core/web/shell.py: were it this file, the first visitor of a fresh server who opens a deep
link such as /train would get Streamlit's legacy menu of pages/ instead of the app.
"""

import streamlit as st

from core.web.routes import ROUTES
from core.web.server import lifespan, say

app = st.App("core/web/shell.py", routes=ROUTES, lifespan=lifespan, on_script_error=say)
