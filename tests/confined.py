"""Commands that cannot write everywhere: folders that are read-only for them, also where the tests run as root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNSHARE = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]  # mounts that only the command sees
MOUNT_READ_ONLY = (
    'while [ "$1" != -- ]; do mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" || exit 99; shift; done; '
    'shift; exec "$@"'
)
# root may write whatever the mode bits say, unless these capabilities are taken from it
OBEY_MODE_BITS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


def can_mount() -> bool:
    """Whether this kernel lets us mount; not so in many containers."""
    try:
        done = subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "none", "/tmp"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0


WAYS = ["mode bits", "mount"] if can_mount() else ["mode bits"]


@contextmanager
def read_only(way: str, *folders: Path) -> Iterator[list[str]]:
    """What to write before a command, so that it can read these folders and not write them."""
    if way == "mount":
        yield [*UNSHARE, "sh", "-c", MOUNT_READ_ONLY, "sh", *map(str, folders), "--"]
        return
    paths = [path for folder in folders for path in (folder, *folder.rglob("*")) if not path.is_symlink()]
    modes = {path: path.stat().st_mode for path in paths}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield OBEY_MODE_BITS
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def copy_of_the_lab(root: Path, target: Path) -> Path:
    """The app's files in another folder, as somebody else's checkout."""
    for name in ("core", "pages", "assets", ".streamlit"):
        shutil.copytree(root / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "app.py", target)
    return target
