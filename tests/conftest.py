"""Every test has its own lab, DEPTHLAB_HOME being a temporary folder, and inherits nothing that it could depend on."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from core.processes.processor import be_a_good_neighbour
from core.signals import ENDING

be_a_good_neighbour()  # tests and the processes they start share two cores

settings.register_profile("lab", deadline=None)  # how long an example takes is up to what else the machine does
settings.load_profile("lab")

# What a script ignores for what it starts in the background, and nohup for everything.
for number in (*ENDING, signal.SIGQUIT):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

# Settings of the lab, of Streamlit, of Python's output and of the terminal: they are for whoever uses the lab.
SETTINGS = ("DEPTHLAB_SLOTS", "DEPTHLAB_WEIGHTS", "PYTHONIOENCODING", "PYTHONUTF8", "COLUMNS")
for name in list(os.environ):
    if name in SETTINGS or name.startswith("STREAMLIT_"):
        del os.environ[name]
os.environ["LC_ALL"] = "C.UTF-8"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "lab"
    monkeypatch.setenv("DEPTHLAB_HOME", str(folder))
    return folder
