"""Pictures made small: a PNG of a screen with a palette in the place of full colours.

https://www.w3.org/TR/png-3/
"""

import struct
import zlib
from typing import Final

_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_RGB: Final = 3
_DEPTHS: Final = (8, 6, 5, 4, 3)
"""Bits of a channel that are kept, from all to few, until at most 256 colours are left."""


def with_palette(picture: bytes) -> bytes:
    """The same picture in at most 256 colours. Takes 8-bit RGB without interlacing, as Chromium writes it."""
    chunks = _chunks(picture)
    width, height, *kind = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert kind == [8, 2, 0, 0, 0], kind
    rows = _rows(zlib.decompress(chunks[b"IDAT"]), width * _RGB, height)
    pixels = [[row[at : at + _RGB] for at in range(0, len(row), _RGB)] for row in rows]
    for bits in _DEPTHS:
        table = bytes(_rounded(value, bits) for value in range(256))
        palette = sorted({colour.translate(table) for colour in set().union(*map(set, pixels))})
        if len(palette) <= 256:
            break
    places = {colour: place for place, colour in enumerate(palette)}
    near = {colour: places[colour.translate(table)] for colour in set().union(*map(set, pixels))}
    lines = b"".join(b"\0" + bytes([near[colour] for colour in row]) for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    written = (
        (b"IHDR", header),
        (b"PLTE", b"".join(palette)),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return _MAGIC + b"".join(_chunk(name, body) for name, body in written)


def _rounded(value: int, bits: int) -> int:
    """The nearest of the values that so many bits can tell apart, black and white among them."""
    most = (1 << bits) - 1
    return round(round(value * most / 255) * 255 / most)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _chunks(picture: bytes) -> dict[bytes, bytes]:
    """The bodies of the chunks by name, those of the same name joined."""
    assert picture.startswith(_MAGIC)
    found: dict[bytes, bytes] = {}
    at = len(_MAGIC)
    while at < len(picture):
        length, name = struct.unpack_from(">I4s", picture, at)
        found[name] = found.get(name, b"") + picture[at + 8 : at + 8 + length]
        at += length + 12
    return found


def _rows(raw: bytes, length: int, height: int) -> list[bytes]:
    """The rows without their filters (PNG, 9.2)."""
    rows, above = [], bytearray(length)
    for number in range(height):
        kind, *coded = raw[number * (length + 1) : (number + 1) * (length + 1)]
        row = bytearray(length)
        for at, value in enumerate(coded):
            left = row[at - _RGB] if at >= _RGB else 0
            corner = above[at - _RGB] if at >= _RGB else 0
            row[at] = (
                value + (0, left, above[at], (left + above[at]) // 2, _paeth(left, above[at], corner))[kind]
            ) & 255
        rows.append(bytes(row))
        above = row
    return rows


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))
