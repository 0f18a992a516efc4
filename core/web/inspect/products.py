"""The products that one number of a map is made of, and its way on, as a component (assets/inspect/products.js)."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.figures import colour_maps
from core.figures.chain import chain
from core.record.answers import Products
from core.record.events import encode
from core.web import loader, static
from core.web.inspect.schema import ContentData, ProductsContent, StepShown

_drawing = st.components.v2.component("depth_lab_products", js=loader.JS, isolate_styles=False)


def products(key: str, answer: Products, *, title: str, intro: str, shown: float) -> None:
    """Draw an answer of core.inspect.products: each input channel's patch x weights = products, the strongest sums
    first, the others together in one line; then the chain of steps, with the net's own number beside each.

    ``title`` and ``intro`` stand above. ``shown``: the number in the map, so that its step can be marked.
    """
    steps = chain(answer)
    same = [index for index, step in enumerate(steps) if np.isclose(step.net, shown, rtol=1e-4, atol=1e-5)]
    content: ProductsContent = {
        "title": title,
        "intro": intro,
        "names": answer["input_names"],
        "shape": list(answer["products"].shape),
        "inputs": answer["inputs"],
        "weights": answer["weights"],
        "products": answer["products"],
        "sums": answer["from_channels"],
        "table": colour_maps.for_browser(diverging=True),
        "steps": [StepShown(title=step.title, formula=step.formula, here=step.here, net=step.net) for step in steps],
        "marked": same[-1] if same else None,
    }
    _drawing(key=key, data=ContentData(module=static.url("inspect/products.js"), content=encode(content)))
