"""The inference worker with one more kind of request: ``wait``, which never ends by itself but looks at its check.

And with a short queue, so that it is soon full.
"""

import sys
import threading
from typing import Any, NoReturn

from core.answers import inference, questions, warm


def wait(request: dict[str, Any], nets: warm.Nets, check: Any) -> NoReturn:
    pause = threading.Event()
    while True:
        check()
        pause.wait(0.005)


if __name__ == "__main__":
    inference.MOST_WAITING = 2
    questions.KINDS["wait"] = wait
    questions.KINDS["fault"] = lambda request, nets, check: {}[request["key"]]
    sys.exit(inference.main())
