"""Picture files with more in them than pixels, made by hand: chunks, segments, orientations, colour profiles."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from PIL import Image


def chunk(kind: bytes, body: bytes) -> bytes:
    """Of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunks(png: bytes, *chunks: bytes, before: bytes = b"IDAT") -> bytes:
    """The PNG with these in front of its first chunk of a kind."""
    at = png.index(before) - 4
    return png[:at] + b"".join(chunks) + png[at:]


def with_segments(jpeg: bytes, *segments: tuple[int, bytes]) -> bytes:
    """The JPEG with these (marker, body) at its beginning."""
    inserted = b"".join(bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body for marker, body in segments)
    return jpeg[:2] + inserted + jpeg[2:]


def exif_of(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def xmp_of(orientation: int) -> bytes:
    return f'<x:xmpmeta><rdf:Description tiff:Orientation="{orientation}"/></x:xmpmeta>'.encode()


SENSOR = {  # what a camera's sensor saw of an upright picture, for each way to hold it; numpy turns the other way round
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: np.rot90(a, 2),
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, 1),  # the camera was turned, so its picture must be turned by 90 degrees clockwise
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a, -1),
}


def as_sensor_saw(upright: np.ndarray, orientation: int) -> np.ndarray:
    return np.ascontiguousarray(SENSOR[orientation](upright))


def icc(space: bytes, connection: bytes, tags: dict[bytes, bytes], padding: int = 0) -> bytes:
    """A colour profile for a screen or a printer: ICC.1:2001-04, sections 6.1 to 6.3."""
    table, bodies = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for name, body in tags.items():
        table += name + struct.pack(">II", start + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    kind = b"prtr" if space == b"CMYK" else b"mntr"
    head = struct.pack(">I4sI4s4s4s12s4s", 0, b"test", 0x02400000, kind, space, connection, bytes(12), b"acsp")
    head += bytes(28) + struct.pack(">iii", *(round(65536 * value) for value in D50)) + bytes(48)
    whole = head + struct.pack(">I", len(tags)) + table + bodies + bytes(padding)
    return struct.pack(">I", len(whole)) + whole[4:]


D50 = (0.9642, 1.0, 0.8249)


def xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(65536 * value) for value in values))


def curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(256 * gamma))


def grey_profile(gamma: float) -> bytes:
    return icc(b"GRAY", b"XYZ ", {b"wtpt": xyz(*D50), b"kTRC": curve(gamma)})


def rgb_profile(order: str = "rgb", gamma: float = 2.2, padding: int = 0) -> bytes:
    """sRGB's primaries (adapted to D50), given to the channels in an order of choice."""
    primaries = {"r": (0.4360, 0.2225, 0.0139), "g": (0.3851, 0.7169, 0.0971), "b": (0.1431, 0.0606, 0.7141)}
    tags = {b"wtpt": xyz(*D50)}
    for channel, primary in zip("rgb", order, strict=True):
        tags[channel.encode() + b"XYZ"] = xyz(*primaries[primary])
        tags[channel.encode() + b"TRC"] = curve(gamma)
    return icc(b"RGB ", b"XYZ ", tags, padding)


def cmyk_profile(inked: tuple[int, int, int]) -> bytes:
    """No ink is white, black ink is black, any other full ink is that Lab colour (L 0 to 255, a and b around 128)."""
    white, black = (255, 128, 128), (0, 128, 128)
    corners = b"".join(bytes(black if index % 2 else inked if index else white) for index in range(16))
    straight = bytes(range(256))
    matrix = struct.pack(">9i", *(65536 * value for value in (1, 0, 0, 0, 1, 0, 0, 0, 1)))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + straight * 4 + corners + straight * 3
    return icc(b"CMYK", b"Lab ", {b"wtpt": xyz(*D50), b"A2B0": table})


DRAWING = np.zeros((24, 40), np.uint8)  # numbers of four colours, different in each corner
DRAWING[:8, :16], DRAWING[:8, 16:], DRAWING[8:, 32:] = 1, 2, 3
COLOURS = np.array([(250, 240, 10), (20, 200, 40), (0, 0, 0), (30, 60, 220)], np.uint8)


def palette(numbers: np.ndarray) -> Image.Image:
    image = Image.fromarray(numbers, "P")
    image.putpalette(COLOURS.tobytes())
    return image
