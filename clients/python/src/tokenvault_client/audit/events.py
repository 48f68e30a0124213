"""An event as it is checked: what its MAC covers, in the one way to write it, and its place in its chain."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

Item = Mapping[str, Any]

TIME_LENGTH: Final = len("2026-01-01T00:00:00.000Z")
LONGEST_NUMBER: Final = 15
"""Digits of a sequence number: more events than any container lives to record."""

_NUMBER: Final = re.compile(rf"[0-9]{{1,{LONGEST_NUMBER}}}")
_TIME: Final = re.compile(r"[0-9T:.Z-]{24}")
_ACTION: Final = re.compile(r"[a-z.]{1,32}")
_REVEALING: Final = frozenset({"detokenize", "detokenize.masked", "export"})
_CHAIN_ID: Final = re.compile(r"[0-9a-f]{32}")
_NEXT_LABEL: Final = b"tokenvault/v1/audit-next"
_NEXT: Final = len(_NEXT_LABEL).to_bytes(4, "big") + _NEXT_LABEL


def _base64(value: Any) -> str:
    return base64.b64encode(value).decode()


_JSON: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_base64)


class NotAnEvent(Exception):  # an outcome: the item is reported
    """An item that is no part of a chain."""


@dataclass(frozen=True)
class Event:
    """An item. `body` is everything except the MAC, in RFC 8785's form; `at` is the time in its sort key.

    `previous` is empty if there is none.
    """

    chain: str
    sequence: int
    mac: bytes
    body: bytes
    at: str
    action: str
    previous: bytes

    @classmethod
    def of(cls, item: Item) -> "Event":
        """From an item in DynamoDB's JSON, binary values in base64 or as bytes. Raises `NotAnEvent`."""
        try:
            number, chain, previous = item["sequence"]["N"], item["chain"]["S"], item.get("previous")
            if not (_NUMBER.fullmatch(number) and _CHAIN_ID.fullmatch(chain)):
                raise NotAnEvent
            return cls(
                chain=chain,
                sequence=int(number),
                mac=binary(item["mac"]["B"]),
                body=canonical({name: value for name, value in item.items() if name != "mac"}),
                at=_known(_TIME, item["sk"]["S"][:TIME_LENGTH]),
                action=_known(_ACTION, item["action"]["S"]),
                previous=b"" if previous is None else binary(previous["B"]),
            )
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
            raise NotAnEvent from None

    @classmethod
    def from_line(cls, line: bytes) -> "Event":
        """From what `line` made."""
        chain, number, mac, previous, at, action, body = line.rstrip(b"\n").split(b" ", 6)
        return cls(
            chain.decode(),
            int(number),
            bytes.fromhex(mac.decode()),
            body,
            at.decode(),
            action.decode(),
            bytes.fromhex(previous.decode()),
        )

    @property
    def line(self) -> bytes:
        """The event in one line. Lines sort by chain and number; canonical JSON holds no newline."""
        place = f"{self.chain} {self.sequence:0{LONGEST_NUMBER}} {self.mac.hex()} {self.previous.hex()}"
        return f"{place} {self.at} {self.action} ".encode() + self.body + b"\n"

    @property
    def item(self) -> dict[str, Any]:
        """What the body says."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    def revealed(self) -> int:
        """How many values it says were revealed, whether it holds or not."""
        if self.action not in _REVEALING:
            return 0
        try:
            outcomes = [outcome["M"]["outcome"]["S"] for outcome in self.item["outcomes"]["L"]]
        except (KeyError, TypeError):
            return 0
        return outcomes.count("revealed")

    def holds(self, key: bytes) -> bool:
        """Whether the MAC is that of the body under this key."""
        return hmac.compare_digest(mac(key, self.body), self.mac)


def time_of(item: Item) -> str | None:
    """The time in an item's sort key, if there is one, also of an item that is no event."""
    try:
        return _known(_TIME, item["sk"]["S"][:TIME_LENGTH]) or None
    except (KeyError, TypeError):
        return None


def stamp(at: datetime) -> str:
    """A time as events have it."""
    utc = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def canonical(item: Item) -> bytes:
    """DynamoDB's JSON with sorted names and no spaces, in UTF-8: RFC 8785, since no number stands in it."""
    return _JSON.encode(item).encode()


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256."""
    return hmac.digest(key, message, hashlib.sha256)


def next_key(key: bytes) -> bytes:
    """The key of the event behind the one of this key."""
    return hmac.digest(key, _NEXT, hashlib.sha256)


def binary(value: bytes | str) -> bytes:
    """A binary value, as boto3 has it or as exports do. Raises `ValueError`."""
    if isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error:
            raise ValueError from None
    return bytes(value)


def _known(pattern: re.Pattern[str], text: str) -> str:
    """The text if it is of this kind, or none: anything else was edited, which the MAC says better."""
    return text if pattern.fullmatch(text) else ""
