"""What core refuses, told on the page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.data.files import DataError
from core.engine import client
from core.spec import SpecError
from core.web.words import sentence


def told(do: Callable[[], object]) -> bool:
    """Do it, and say why it was refused; whether it was done."""
    try:
        do()
    except (SpecError, DataError, client.EngineError) as error:
        st.toast(sentence(str(error)), icon=":material/error:")
        return False
    return True
