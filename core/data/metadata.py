"""What a picture file says beside its pixels, read once, before anything is decoded. No torch.

Decoders refuse a whole picture for a text that is too long or a note that is broken. So what is no picture is taken out
of the file before one of them sees it: texts, notes, profiles, further pictures. Nothing in it can be fatal then.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from PIL import ExifTags, Image

MOST = 8_000_000  # bytes of a profile or a note that are unpacked; those of printers have some millions
PIECES = 100_000  # chunks of a file; real ones have some thousands, and each takes time
PNG, JPEG, GIF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8"
PICTURE_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
NOTES = (  # of a PNG: kinds of chunks and names of texts
    *(b"eXIf", b"iCCP", b"gAMA", b"cHRM", b"sRGB", b"acTL", b"fdAT"),
    *(b"XML:com.adobe.xmp", b"Raw profile type exif", b"Raw profile type APP1"),
)
FILLING = re.compile(rb"\xff+")  # before a marker, of which the last one is a part
FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the markers of a JPEG that begin a picture
XMP = b"http://ns.adobe.com/xap/1.0/\0"
ICC = b"ICC_PROFILE\0"
EXIF = b"Exif\0\0"
IN_XMP = re.compile(rb"""tiff:Orientation\s*(?:=\s*["']|>)\s*([1-8])\b""")

Piece = TypeVar("Piece")


@dataclass(frozen=True)
class Metadata:
    """What a file says about its picture."""

    form: str  # PNG, JPEG, WEBP or GIF
    orientation: int = 1  # as Exif has it: 1 is upright
    profile: bytes = b""  # ICC, as it stands in the file: nobody has checked it
    gamma: float | None = None  # the exponent of a PNG that has no profile
    primaries: tuple[float, ...] = ()  # of such a PNG: x and y of white, red, green and blue, as CIE 1931 has them
    animated: bool = False  # whether further pictures follow
    bits: int = 8  # of a value
    in_passes: bool = False  # a JPEG of which every part must be kept until the last one has come


def split(data: bytes) -> tuple[Metadata, bytes] | None:
    """What the file says, and the file with nothing but its (first) picture; None where it is none of the four.

    Raises ValueError where it is in far too many pieces.
    """
    if data.startswith(PNG):
        return _png(data)
    if data.startswith(JPEG):
        return _jpeg(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp(data)
    if data.startswith(GIF):
        return Metadata("GIF"), data
    return None


def _few(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Raises ValueError once there are too many."""
    for count, piece in enumerate(pieces):
        if count == PIECES:
            raise ValueError("too many pieces")
        yield piece


# PNG ------------------------------------------------------------------------------------------------------------------


def _png(data: bytes) -> tuple[Metadata, bytes]:
    kept: list[bytes | memoryview] = [PNG]
    found: dict[bytes, tuple[bytes, bytes]] = {}  # of each name the first: its kind and its body
    for kind, start, end in _few(_chunks(data)):
        is_text = kind in (b"tEXt", b"zTXt", b"iTXt")
        name = data[start : min(end, start + 80)].partition(b"\0")[0] if is_text else kind
        if kind in PICTURE_CHUNKS:
            kept.append(memoryview(data)[start - 8 : end + 4])
        elif name in NOTES and name not in found:
            found[name] = (kind, data[start:end])
    picture = b"".join(kept)
    profile = _inflated(_body(found, b"iCCP").partition(b"\0")[2][1:])
    is_calibrated = not profile and b"sRGB" not in found
    gamma, *_ = _numbers(found, b"gAMA", 1)
    said = Metadata(
        "PNG",
        _orientation(_png_exif(found), _text(found, b"XML:com.adobe.xmp")),
        profile,
        gamma=gamma if gamma and is_calibrated else None,
        primaries=_numbers(found, b"cHRM", 8) if b"cHRM" in found and is_calibrated else (),
        animated=b"acTL" in found and b"fdAT" in found,
        bits=picture[24] if len(picture) > 24 else 8,
    )
    return said, picture


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The kind of each chunk, and where its body starts and ends; what is cut short reaches beyond the data."""
    position = len(PNG)
    while position + 8 <= len(data):
        kind, start = data[position + 4 : position + 8], position + 8
        end = start + int.from_bytes(data[position : position + 4], "big")
        yield kind, start, end
        if kind == b"IEND":
            return
        position = end + 4


def _body(found: dict[bytes, tuple[bytes, bytes]], name: bytes) -> bytes:
    return found.get(name, (b"", b""))[1]


def _numbers(found: dict[bytes, tuple[bytes, bytes]], name: bytes, count: int) -> tuple[float, ...]:
    """Hundred-thousandths, in four bytes each; 0 for those that are missing."""
    body = _body(found, name)
    return tuple(int.from_bytes(body[4 * at : 4 * at + 4], "big") / 100_000 for at in range(count))


def _text(found: dict[bytes, tuple[bytes, bytes]], name: bytes) -> bytes:
    """The text of that name, unpacked."""
    kind, body = found.get(name, (b"", b""))
    rest = body.partition(b"\0")[2]
    if kind == b"zTXt":
        return _inflated(rest[1:])
    if kind == b"iTXt":
        text = rest[2:].partition(b"\0")[2].partition(b"\0")[2]  # after its language and its translated name
        return _inflated(text) if rest[:1] == b"\1" else text
    return rest


def _png_exif(found: dict[bytes, tuple[bytes, bytes]]) -> bytes:
    """In a chunk of its own, or as ImageMagick writes it: a text of a name, a length and hexadecimal digits."""
    text = _text(found, b"Raw profile type exif") or _text(found, b"Raw profile type APP1")
    with suppress(ValueError, IndexError):
        return _body(found, b"eXIf") or bytes.fromhex(text.decode("latin-1").split(maxsplit=2)[2])
    return b""


def _inflated(packed: bytes) -> bytes:
    """What was packed; nothing where that is broken or too much."""
    unpacking = zlib.decompressobj()
    with suppress(zlib.error):
        found = unpacking.decompress(packed, MOST)
        return b"" if unpacking.unconsumed_tail else found
    return b""


# JPEG -----------------------------------------------------------------------------------------------------------------


def _jpeg(data: bytes) -> tuple[Metadata, bytes]:
    kept: list[bytes] = [data[:2]]
    exif: list[bytes] = []
    profile: list[bytes] = []
    xmp = b""
    bits, components, in_passes = 8, 0, False
    position = 2
    for marker, start, end in _few(_segments(data)):
        body = data[start:end]
        if marker == 0xE1 and body.startswith(EXIF):
            exif.append(body[len(EXIF) :])
        elif marker == 0xE1 and body.startswith(XMP):
            xmp = xmp or body[len(XMP) :]
        elif marker == 0xE2 and body.startswith(ICC):
            profile.append(body[len(ICC) :])
        elif _matters(marker, body):
            kept.append(data[start - 4 : end])
        if marker in FRAMES and len(body) > 5:
            bits, components = body[0], body[5]
            in_passes |= marker & 3 == 2  # progressive
        position = end
        if marker == 0xDA:  # what follows is the picture
            in_passes |= body[:1] != bytes([components])
            break
    else:
        in_passes = True  # nobody knows
    kept.append(data[position:])
    said = Metadata("JPEG", _orientation(b"".join(exif), xmp), _joined(profile), bits=bits, in_passes=in_passes)
    return said, b"".join(kept)


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """The marker of each segment, and where its body starts and ends; none from the first on that makes no sense."""
    position = 2
    while filling := FILLING.match(data, position):
        position = filling.end() - 1
        if position + 4 > len(data):
            return
        marker = data[position + 1]
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        if marker in (0, 1, *range(0xD0, 0xDA)) or not position + 4 <= end <= len(data):
            return
        yield marker, position + 4, end
        position = end


def _matters(marker: int, body: bytes) -> bool:
    """Whether a decoder needs the segment: of notes those two that say how colours are stored."""
    if marker == 0xE0:
        return body.startswith(b"JFIF\0") and len(body) >= 14
    if marker == 0xEE:
        return body.startswith(b"Adobe") and len(body) >= 12
    return not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def _joined(parts: list[bytes]) -> bytes:
    """A profile from its numbered parts; nothing where one is missing."""
    parts = sorted(part for part in parts if len(part) > 2)
    whole = [part[0] for part in parts] == list(range(1, len(parts) + 1)) and {part[1] for part in parts} == {
        len(parts)
    }
    return b"".join(part[2:] for part in parts) if whole else b""


# WebP -----------------------------------------------------------------------------------------------------------------


def _webp(data: bytes) -> tuple[Metadata, bytes]:
    kept: list[bytes] = [b"WEBP"]
    found: dict[bytes, bytes] = {}
    frames = 0
    for kind, start, end in _few(_riff(data)):
        frames += kind == b"ANMF"
        if kind in (b"ICCP", b"EXIF", b"XMP "):
            found.setdefault(kind, data[start:end])
        elif kind == b"VP8X":  # the flags that announce these three
            kept.append(data[start - 8 : start] + bytes([data[start] & ~0x2C]) + data[start + 1 : end])
        elif kind in (b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"):
            kept.append(data[start - 8 : end] + b"\0" * (end % 2 and end <= len(data)))
    body = b"".join(kept)
    orientation = _orientation(found.get(b"EXIF", b""), found.get(b"XMP ", b""))
    said = Metadata("WEBP", orientation, found.get(b"ICCP", b""), animated=frames > 1)
    return said, b"RIFF" + len(body).to_bytes(4, "little") + body


def _riff(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The kind of each chunk, and where its body starts and ends; what is cut short reaches beyond the data."""
    position = 12
    while position + 8 < len(data):
        start = position + 8
        end = start + int.from_bytes(data[position + 4 : start], "little")
        yield data[position : position + 4], start, end
        position = end + end % 2


# Orientation ----------------------------------------------------------------------------------------------------------


def _orientation(exif: bytes, xmp: bytes) -> int:
    """1 to 8; 1 where nothing, or nothing that makes sense, was noted."""
    noted = [_of_exif(exif), *([int(found[1])] if (found := IN_XMP.search(xmp)) else [])]
    return next((number for number in noted if 1 <= number <= 8), 1)


def _of_exif(exif: bytes) -> int:
    """0 where there is none: what a camera noted wrongly is no reason to refuse its picture."""
    with suppress(Exception):  # a parser of bytes that nobody has checked may raise anything
        tags = Image.Exif()
        tags.load(exif)
        return int(tags[ExifTags.Base.Orientation])
    return 0
