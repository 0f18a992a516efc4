"""Pictures that viewers bring, as a file or from their camera.

Of these only the re-encoded pixels are kept, in the viewer's session and nowhere else: no file, no name.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

import streamlit as st

from core.data.pictures import MOST_BYTES, PictureError, read
from core.inspect.catalogue import Entry
from core.inspect.imagenet import SHORT_SIDES
from core.web.inspect.shown import Shown
from core.web.uploaded import forget
from core.web.words import sentence

MOST_MB = MOST_BYTES // 10**6
NO_CAMERA = (
    "Browsers lend their camera only to pages that come over HTTPS or from their own machine. This one came over HTTP "
    "from another: take the photo first and choose it under **Upload**, or have the lab served over HTTPS."
)
BROUGHT = "i_brought"  # where the session keeps the picture
REFUSED = "i_refused"  # the sentence about the last one, where it was refused
TURN = "i_upload_turn"


def from_upload(nets: tuple[Entry, ...]) -> Shown | None:
    """Draw the place to drop a file; the picture that was brought last, if any.

    Each file gets a new widget: its bytes are dropped once its pixels have been taken, and its name with them.
    """
    key = f"i_upload_{st.session_state.get(TURN, 0)}"
    st.file_uploader(
        "Drop a picture here",  # whatever its name ends in: browsers write .jfif and more, and the contents decide
        key=key,
        on_change=_take_file,
        args=(key,),
        max_upload_size=MOST_MB,
        help="A photo, a drawing, anything that is PNG, JPEG, WebP or GIF. It stays in this server's memory until you "
        "close the page.",
    )
    return _brought()


def from_camera(nets: tuple[Entry, ...]) -> Shown | None:
    """Draw the camera, which asks for permission, or why there is none; the picture that was brought last, if any."""
    if lends_camera(_address()):
        st.camera_input("Take a picture", key="i_camera", on_change=_take, args=("i_camera", "Your photo"))
    else:
        st.info(NO_CAMERA, icon=":material/no_photography:")
    return _brought()


def lends_camera(address: str | None) -> bool:
    """Whether a browser lets a page at this address use the camera: over HTTPS, or from its own machine."""
    parts = urlsplit(address or "https:")
    host = parts.hostname or ""
    if parts.scheme == "https" or host == "localhost" or host.endswith(".localhost"):
        return True
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return False


def _address() -> str | None:
    """Of the page, as the browser has it; None where there is no browser."""
    return st.context.url


def _brought() -> Shown | None:
    if refusal := st.session_state.get(REFUSED):
        st.error(sentence(refusal))
    shown: Shown | None = st.session_state.get(BROUGHT)
    return shown


def _take_file(key: str) -> None:
    _take(key, "Your picture")
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1


def _take(key: str, title: str) -> None:
    """Turn the bytes into pixels, or into a sentence; then the picture before it stays."""
    file = st.session_state.get(key)
    if file is None:
        return
    data = file.getvalue()
    forget(file.file_id)
    try:
        picture = read(data, SHORT_SIDES)
    except PictureError as error:
        st.session_state[REFUSED] = str(error)
        return
    st.session_state.pop(REFUSED, None)
    name = f"brought {hashlib.sha256(data).hexdigest()}"
    st.session_state[BROUGHT] = Shown(
        name,
        picture.pixels,
        title,
        notes=picture.notes,
        private=True,
        size=picture.size,
        resized=picture.resized,
    )
