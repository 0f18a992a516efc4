"""The square of the picture that the nets see: in the address, and moved in the browser (assets/inspect/crop.js)."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from core.data.pictures import Crop
from core.web import loader, static
from core.web.addresses import asked, refuse
from core.web.inspect.chosen import Chosen
from core.web.inspect.schema import CropData
from core.web.inspect.shown import SMALL, Shown, png_url

LEAST = 0.1  # of the shorter side
DIGITS = 3  # what the address keeps
PARAMETER = "crop"
KEY = "i_crop"
OF = "i_crop_of"  # the picture that the address's crop is of
_cropper = st.components.v2.component("depth_lab_crop", js=loader.JS, isolate_styles=False)


def parse(text: str) -> Crop:
    """``x,y,size``, as the address has it. Raises ValueError."""
    x, y, size = (float(part) for part in text.split(","))
    return checked(x, y, size)


def checked(x: float, y: float, size: float) -> Crop:
    """A crop as the address can say it. Raises ValueError where it would not lie inside of the picture."""
    if not (0 <= x <= 1 and 0 <= y <= 1 and LEAST <= size <= 1):
        raise ValueError
    return Crop(round(x, DIGITS), round(y, DIGITS), round(size, DIGITS))


def crop_of(shown: Shown) -> Crop:
    """The crop in the address; a picture that is new to the page begins in its middle."""
    if st.session_state.get(OF, shown.name) != shown.name or not shown.has_room:
        st.query_params.pop(PARAMETER, None)
    st.session_state[OF] = shown.name
    text = asked(PARAMETER)
    if text is None:
        return Crop()
    try:
        return parse(text)
    except ValueError:
        refuse(PARAMETER, text, f"give x,y,size: three numbers from 0 to 1, and size at least {LEAST:g}.")
        return Crop()


def cropper(chosen: Chosen, shown: Shown) -> None:
    """Mount it: the picture with the square, and beside it what the nets make of that square."""
    height, width = chosen.pixels.shape[:2]
    seen = {(net.size, net.resize): net for net in chosen.nets}
    if not shown.has_room:  # what a net of this size sees is the picture itself
        seen.pop((height, None), None)
    crop = chosen.crop
    wide, high = shown.size or (width, height)
    inner = max((net.size / net.resize for net in chosen.nets if net.resize), default=None)
    _cropper(
        key=KEY,
        data=CropData(
            module=static.url("inspect/crop.js"),
            picture={"url": shown.url, "title": shown.title, "width": wide, "height": high},
            crop=[crop.x, crop.y, crop.size],
            least=LEAST,
            movable=shown.has_room,
            inner=inner,
            small=SMALL,
            seen=[
                {"size": net.size, "url": png_url(chosen.seen_by(net))}
                for net in sorted(seen.values(), key=lambda net: net.size)
            ],
        ),
        on_crop_change=_remember,
    )


def preparation(chosen: Chosen, shown: Shown) -> str:
    """How ImageNet nets read the picture, for people; empty where none looks at it."""
    net = next((net for net in chosen.nets if net.resize), None)
    if net is None:
        return ""
    what = "the picture as published: its shorter side resized to {} pixels"
    if chosen.crop != Crop():
        what = "the square that you cropped as if it were a whole picture: resized to {0}×{0} pixels"
    sentence = f"ImageNet nets read {what.format(net.resize)} (bilinear), of which they see the middle "
    sentence += f"{net.size}×{net.size} (dashed)."
    height, width = chosen.pixels.shape[:2]
    if chosen.crop != Crop() and shown.size not in (None, (width, height)):
        sentence += f" It is cut out of a copy of {width:,}×{height:,} pixels."
    return sentence


def _remember() -> None:
    """Put what the browser says into the address; it may say anything."""
    crop = told(st.session_state[KEY].get("crop"))
    if crop is None:
        return
    if crop == Crop():
        st.query_params.pop(PARAMETER, None)
    else:
        st.query_params[PARAMETER] = f"{crop.x:g},{crop.y:g},{crop.size:g}"


def told(value: Any) -> Crop | None:
    """[x, y, size] from the browser, or None where it is no crop."""
    if not (isinstance(value, list) and len(value) == 3):
        return None
    if any(isinstance(number, bool) or not isinstance(number, int | float) for number in value):
        return None
    try:
        return checked(*value) if all(math.isfinite(number) for number in value) else None
    except ValueError:
        return None
