"""A web site written into a folder, which is then that site and nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from core.publish.whole import PublishError, replace_folder
from core.record.recording import Recording
from core.report.site import Progress, site
from core.spec import shortened

MARK = "depth-lab-site.json"  # says that a folder is such a site, and which files are of it
OURS = "choose an empty folder, one that does not exist, or one that publish has written"


def publish(folder: Path, recordings: Sequence[Recording], progress: Progress = lambda written, pages: None) -> int:
    """Write the site of these recordings in the place of an older one; bytes. Raises PublishError."""
    place = checked(folder)
    files = site(recordings, progress)
    mark = json.dumps({"what": "A web site of Depth Lab", "files": sorted(files)}, indent=1).encode()
    replace_folder(place, files | {MARK: mark})
    return sum(map(len, files.values()))


def checked(folder: Path) -> Path:
    """Where it lies. Raises PublishError where something lies in it that no site of ours has."""
    try:
        place = folder.resolve()
        if place.exists() and not place.is_dir():
            raise PublishError(f'"{folder}" is a file: {OURS}.')
        lying = {path.relative_to(place).as_posix() for path in place.rglob("*") if not path.is_dir()}
    except PublishError:
        raise
    except (OSError, ValueError, RuntimeError) as error:  # a zero byte, a link that leads to itself
        raise PublishError(f'"{shortened(folder)}" cannot be looked into ({error}): {OURS}.') from None
    if strange := sorted(lying - {MARK} - _known(place)):
        raise PublishError(
            f'"{folder}" holds something else, such as "{shortened(strange[0])}", which would be lost: {OURS}.'
        )
    return place


def _known(folder: Path) -> set[str]:
    """The files of the site that lies there; none where there is no site."""
    try:
        told = json.loads((folder / MARK).read_bytes())
        return {str(path) for path in told["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
