"""``python -m core serve``: Streamlit on app.py, once its port is known to be free."""

from __future__ import annotations

import os
import socket
import sys
from typing import NoReturn

from core.engine.database import EngineError
from core.engine.home import ROOT


def serve(port: int) -> NoReturn:
    """Become the server. Raises EngineError where the port cannot be used."""
    check_port(port)
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)])


def check_port(port: int) -> None:
    """Raises EngineError, one sentence, where nobody can listen there."""
    if not 1 <= port <= 65535:
        raise EngineError(f"Port {port} does not exist: choose 1024 to 65535.")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left is free
        try:
            probe.bind(("", port))
        except PermissionError:
            raise EngineError(f"Port {port} is reserved for the system: choose 1024 to 65535.") from None
        except OSError:
            raise EngineError(
                f"Port {port} is in use: stop what listens there or choose another with --port {port + 1}."
            ) from None
