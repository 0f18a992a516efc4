"""Which programs a result rests on."""

from __future__ import annotations

import platform
import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import torch


@cache
def versions() -> dict[str, str]:
    """Of the lab, of Python, and of the libraries that compute, each by its name."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {
        project["name"]: project["version"],
        "Python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }
