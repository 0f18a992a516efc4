"""A run as one short PyTorch file that needs nothing of the lab and repeats its curve."""

from __future__ import annotations

import re

from core.publish.script import dense, pictures, recipe, residual, vgg
from core.publish.script.known import ScriptError, check
from core.publish.script.made import Made, made_of
from core.publish.script.text import joined, wrapped
from core.record.recording import Recording

__all__ = ["ScriptError", "script"]

NETS = {"resnet": residual.net, "wide": residual.net, "densenet": dense.net, "vgg": vgg.net}
IMPORTS = ("argparse", "hashlib", "json", "math", "pickletools", "zlib")
FROM = {"OrderedDict": "from collections import OrderedDict", "Path": "from pathlib import Path"}


def script(recording: Recording) -> str:
    """The text of the file. Raises ScriptError where such a file could not repeat the run."""
    check(recording)
    made = made_of(recording)
    body = joined(
        recipe.constants(made),
        pictures.reader(made),
        pictures.minibatches(made),
        NETS[made.net.family](made.net),
        recipe.initialisation(made.net),
        recipe.rate(made),
        recipe.training(made),
    )
    return f'"""{_opening(made)}\n"""\n\n{_imports(body)}\n\n{body}\n'


def _opening(made: Made) -> str:
    """What the file is, what it reads, and how near it comes."""
    first = wrapped(f"{made.net.name} on {made.pictures}, as run {made.id} of Depth Lab trained it.")
    usage = f"python FILE --data DIR --steps 200 --json, where DIR is {pictures.FOLDERS[made.dataset]}."
    return f"{first}\n\n{wrapped(f'{usage} {_exactness(made)}')}"


def _exactness(made: Made) -> str:
    programs = " and ".join(f"{name} {made.versions[name]}" for name in ("torch", "numpy") if name in made.versions)
    threads = f"{made.threads} thread{'s' * (made.threads != 1)}"
    where = ", ".join(part for part in (programs, made.precision, f"{threads} on {made.device_name}") if part)
    said = f"With {where} its losses come out; elsewhere sums are rounded otherwise."
    if made.threads_changed:
        said += f" From step {made.threads_changed} on the run itself had another number of threads."
    return said


def _imports(body: str) -> str:
    plain = [f"import {name}" for name in IMPORTS if re.search(rf"\b{name}\.", body)]
    named = [line for name, line in FROM.items() if re.search(rf"\b{name}\b", body)]
    torch = ["import numpy as np", "import torch", "from torch import nn", "from torch.nn import functional as F"]
    return "\n".join([*plain, *named, "", *torch])
