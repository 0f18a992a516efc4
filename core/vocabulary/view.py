"""What of the vocabulary the browser reads, as one JavaScript module."""

from __future__ import annotations

import json
from dataclasses import asdict

from core.vocabulary import colours, glossary, numbers, standings, traces
from core.vocabulary.quantities import QUANTITIES
from core.vocabulary.states import STATES

NAME = "vocabulary.js"  # imported by assets as if it lay among them


def module() -> str:
    """``import vocabulary from "../vocabulary.js"``; :mod:`core.web.declared` writes its types."""
    tables = {
        "colours": colours.for_browser(),
        "numbers": numbers.for_browser(),
        "traces": traces.for_browser(),
        "standings": standings.for_browser(),
        "glossary": glossary.for_browser(),
        "states": {name: asdict(state) for name, state in STATES.items()},
        "quantities": {name: asdict(quantity) for name, quantity in QUANTITIES.items()},
    }
    return f"// Written by core/vocabulary/view.py.\nexport default {json.dumps(tables, ensure_ascii=False)}\n"
