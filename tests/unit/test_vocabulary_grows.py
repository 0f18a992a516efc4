"""What is added to a table of the vocabulary is there for flags, forms, addresses and the browser."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# A process of its own, because fields are made of the tables when they are imported.
ADDED = """
import json
from core.vocabulary import choices, quantities

choices.NORMS["toy"] = choices.NormWords("Toy norm", "TN", "with TN")
quantities.QUANTITIES["toys"] = quantities.Quantity(
    "layer", "gradient", "toys", "toys", False, "Toys: how many.", choice="toys", title="Toys", ends=(0.0, 9.0)
)
quantities.INITIAL["toys"] = quantities.Initial("Toys", "Has it toys?")

from streamlit.testing.v1 import AppTest

from core.cli.arguments import parse
from core.vocabulary.view import module
from core.web.train import view
from core.web.xray import nets

FORM = "import streamlit as st; from core.web.net_form import net_form; net_form(st.container(), st.container())"
app = AppTest.from_string(FORM).run(timeout=60)
assert not app.exception
print(json.dumps({
    "flag": parse(["describe", "--depth", "20", "--norm", "toy"]).norm,
    "form": [box.options for box in app.selectbox if box.label == "Kind of norm"],
    "train": view.CHOICES["l_gradient"],
    "xray": nets.GRADIENTS,
    "browser": json.loads(module().partition("export default ")[2])["quantities"]["toys"],
}))
"""


@pytest.mark.slow
def test_a_norm_and_a_quantity_are_added_through_the_tables_alone() -> None:
    made = subprocess.run([sys.executable, "-c", ADDED], capture_output=True, text=True, check=True, cwd=ROOT)
    found = json.loads(made.stdout.splitlines()[-1])
    assert found["flag"] == "toy"
    assert found["form"] == [["Batch", "Group", "Layer", "Instance", "Toy norm"]]
    assert found["train"][-1] == "toys"
    assert found["xray"]["Toys"] == "toys"
    assert found["browser"]["choice"] == "toys"
    assert found["browser"]["ends"] == [0, 9]
