"""A zip whose bytes follow from its entries alone.

Python's zipfile compresses with the zlib that it was built with, and zlib and zlib-ng give different bytes. A
pinned release of libdeflate gives the same everywhere. The layout is APPNOTE.TXT 6.3.10's, without any of its
options: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

import struct
import zlib
from collections.abc import Mapping
from typing import Final

import deflate

_LEVEL: Final = 9
_VERSION: Final = 20
"""Version 2.0 of the format: Deflate, and no more."""

_UTF8: Final = 1 << 11
_DEFLATED: Final = 8
_MIDNIGHT, _DAY_ONE = 0, (1 << 5) | 1
"""1980-01-01 00:00, the first that the format can say: one time for every entry."""

_UNIX_FILE: Final = (0o100644) << 16
_UNIX: Final = 3 << 8


def zipped(entries: Mapping[str, bytes]) -> bytes:
    """The zip of the entries, in the order of their names. At most 65,535 of them and 4 GB: no Zip64."""
    body, directory = bytearray(), bytearray()
    for name in sorted(entries):
        offset = len(body)
        encoded, packed = name.encode(), bytes(deflate.deflate_compress(entries[name], _LEVEL))
        facts = _facts(encoded, entries[name], packed)
        body += struct.pack("<IH", 0x04034B50, _VERSION) + facts + encoded + packed
        directory += struct.pack("<IHH", 0x02014B50, _UNIX | _VERSION, _VERSION) + facts
        directory += struct.pack("<HHHII", 0, 0, 0, _UNIX_FILE, offset) + encoded
    count = len(entries)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + end)


def _facts(name: bytes, content: bytes, packed: bytes) -> bytes:
    """What a local header and the directory both say of an entry (4.4.4 to 4.4.11)."""
    sizes = (zlib.crc32(content), len(packed), len(content), len(name), 0)
    return struct.pack("<HHHHIIIHH", _UTF8, _DEFLATED, _MIDNIGHT, _DAY_ONE, *sizes)
