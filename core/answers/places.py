"""Where a process of the lab may keep what only living processes need: its lock, its socket, its log.

That is the lab's folder; where it cannot be written, or a socket's name would be too long, a private temporary one.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

OTHERS = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))


def places(lab: Path) -> Iterator[Path]:
    """The lab's folder, then the temporary ones, the same for every process of this user; they need not exist."""
    yield lab
    digest = hashlib.sha256(os.fsencode(lab)).hexdigest()[:12]
    named = [Path(os.environ[name]) for name in ("TMPDIR", "XDG_RUNTIME_DIR") if os.environ.get(name)]
    for base in dict.fromkeys((*named, *OTHERS)):
        if base.is_absolute():  # the processes of a lab have other working folders than who starts them
            yield base / f"depthlab-{os.geteuid()}-{digest}"


def is_ours(place: Path, lab: Path) -> bool:
    """Whether what lies there can be believed: in a temporary folder anybody could have made it before us."""
    if place == lab:
        return True
    with suppress(OSError):
        found = place.lstat()
        return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
    return False


def usable(place: Path, lab: Path) -> bool:
    """Whether we can write there, now: the folder is made if need be, and a byte finds room in it."""
    try:
        if place == lab:
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryFile(dir=place, buffering=0) as probe:
            probe.write(b"x")
    except OSError:
        return False
    return is_ours(place, lab)
