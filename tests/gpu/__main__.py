"""``make gpu``, or ``python -m tests.gpu [--device cuda:1] [--rounds 5] [--json FILE] [--markdown FILE]``."""

import os
import sys

from core.processes.processor import prepare_to_train

prepare_to_train()  # before torch is imported, as a training worker does it
os.environ.setdefault("KINETO_LOG_LEVEL", "5")  # else torch's profiler says each time that it begins and ends

from tests.gpu.program import main  # noqa: E402

sys.exit(main())
