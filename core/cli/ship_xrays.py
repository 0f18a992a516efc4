"""``python -m core.cli.ship_xrays``: write the answers that the X-ray page opens with to assets/xray, measured here."""

from __future__ import annotations

import time

from core.processes.processor import be_a_good_neighbour, share_cores


def main() -> None:
    """One file a view, each written when all of it is measured."""
    be_a_good_neighbour()
    import torch

    from core.answers.questions import answer_xray
    from core.answers.warm import Nets
    from core.check import never
    from core.inspect.catalogue import PRECISION
    from core.machine.gpus import leave_gpus_alone
    from core.train.device import CPU, device_name
    from core.web.xray import shipped
    from core.web.xray.opened import opened

    leave_gpus_alone()
    share_cores()
    shipped.FOLDER.mkdir(exist_ok=True)
    for file, requests in opened().items():
        nets, found = Nets(0), []
        for request in requests:
            answer = answer_xray(request, nets, never)
            found.append((request, answer))
            print(f"{file}: {answer['name']}")
        origin = shipped.Origin(
            time.time(), device_name(CPU), PRECISION, torch.get_num_threads(), str(torch.__version__)
        )
        path = shipped.FOLDER / f"{file}{shipped.SUFFIX}"
        path.write_text(shipped.written(origin, found), encoding="utf-8")


if __name__ == "__main__":
    main()
