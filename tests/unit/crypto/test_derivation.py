"""Derivation does what `docs/derivation.md` says: a second implementation, written from that page, agrees.

The vectors are known answers. They never change: another answer would be another token for every value.
"""

import base64
import hmac
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from chalicelib.crypto import context
from chalicelib.crypto.context import KeyContext
from chalicelib.crypto.prf import (
    Derived,
    Draws,
    PrfKey,
    card_fingerprint,
    card_mac_message,
    keyed_hash,
    mac_message,
)
from chalicelib.formats import registry

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "derivation.json").read_text())

# --- the second implementation: the standard library, and the page ----------------------------------------

BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"


def frame(label: str, *parts: str | bytes) -> bytes:
    texts = [f"tokenvault/v1/{label}", *parts]
    raw = [text.encode() if isinstance(text, str) else text for text in texts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in raw)


def mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def derive(secret: bytes, info: bytes, length: int = 32) -> bytes:
    extracted, block, out = mac(bytes(32), secret), b"", b""
    for counter in range(1, 256):
        block = mac(extracted, block + info + bytes([counter]))
        out += block
        if len(out) >= length:
            return out[:length]
    raise AssertionError("RFC 5869 ends at 255 blocks")


def number(secret: bytes, info: bytes, size: int) -> int:
    length = -(-len(f"{size:b}") // 8) + 16
    return int.from_bytes(derive(secret, info, length), "big") % size


def write(n: int, alphabet: str, length: int) -> str:
    return "".join(alphabet[n // len(alphabet) ** place % len(alphabet)] for place in range(length))


def opaque_token(type_name: str, point: int) -> str:
    text = f"{type_name}_{write(point, BASE32, 26)}"
    return text + write(zlib.crc32(text.encode()), BASE32, 7)


def luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(sum(map(int, str(one))) for one in doubled) % 10 == 0


def card_size(value: str, first: int, last: int) -> int:
    first = kept_first(value, first, last)
    free = len(value) - first - last
    return 9 * (10 if first else 7) * 10 ** (free - 2)


def kept_first(value: str, first: int, last: int) -> int:
    first = min(first, max(0, len(value) - last - 5))
    head = value[:first]
    apart = head[:1] == "0" or head in ("6", "8") or head[:2] in ("62", "81")
    return 0 if apart else first


def card_token(value: str, first: int, last: int, point: int) -> str:
    first = kept_first(value, first, last)
    free = len(value) - first - last
    leading = "0123456789" if first else "1234579"
    rest = point // 9
    head = value[:first] + leading[rest % len(leading)] + write(rest // len(leading), "0123456789", free - 2)
    tail = value[len(value) - last :]
    return [made for digit in range(10) if not luhn(made := f"{head}{digit}{tail}")][point % 9]


class Second:
    """The page, in its own words."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.vault_id, self.tenant, root = case["vault_id"], case["tenant"], bytes.fromhex(case["prf_root"])
        self.index_subkeys = {
            number: derive(bytes.fromhex(of), frame("blind-index", self.vault_id, self.tenant))
            for number, of in {"1": case["prf_root"], **case.get("prf_roots", {})}.items()
        }
        self.request_subkey = derive(root, frame("request", self.vault_id, self.tenant))
        self.card_subkey = derive(root, frame("card-fingerprint", self.vault_id, self.tenant))
        self.hmac_key = bytes.fromhex(case["hmac_key"])

    def value(self, one: dict[str, Any]) -> dict[str, Any]:
        subkey = self.index_subkeys[str(one.get("prf_key", 1))]
        index = mac(subkey, frame("value", one["type"], one["subject"], one["canonical"]))
        message = frame("mac", self.vault_id, self.tenant, index)
        seed = mac(self.hmac_key, message) if one["derivation"] == "kms" else index
        root = derive(seed, frame("derived", one["derivation"]))
        size = 32**26 if one["format"] == "text" else card_size(one["canonical"], *_kept(one))
        points = [number(root, frame("attempt", str(attempt)), size) for attempt in range(4)]
        return {
            "blind_index": index.hex(),
            "mac_message": message.hex(),
            "seed": seed.hex(),
            "derived_root": root.hex(),
            "fingerprint": derive(root, frame("fingerprint")).hex(),
            "points": [str(point) for point in points],
            "tokens": [self.token(one, point) for point in points],
        }

    def token(self, one: dict[str, Any], point: int) -> str:
        if one["format"] == "text":
            return opaque_token(one["type"], point)
        return card_token(one["canonical"], *_kept(one), point)

    def draws(self, one: dict[str, Any]) -> dict[str, Any]:
        root = derive(bytes.fromhex(one["seed"]), frame("draws", str(one["item"])))
        sizes = [int(size) for size in one["sizes"]]
        return {
            "draws": [str(number(root, frame("draw", str(k)), size)) for k, size in enumerate(sizes, 1)],
            "origin": derive(root, frame("origin"), 16).hex(),
        }

    def request(self, one: dict[str, Any]) -> dict[str, str]:
        key_hash = mac(self.request_subkey, frame("request", "key", one["client"], one["key"]))
        body_mac = mac(self.request_subkey, frame("request", "body", key_hash, one["body"]))
        return {"key_hash": key_hash.hex(), "body_mac": body_mac.hex()}

    def card(self, given: dict[str, Any]) -> dict[str, str]:
        index = mac(self.card_subkey, frame("card", given["number"]))
        message = frame("card-mac", self.vault_id, self.tenant, index)
        raw = derive(mac(self.hmac_key, message), frame("card-fingerprint"), 16)
        text = base64.b32encode(raw).decode().lower().removesuffix("======")
        return {"card_index": index.hex(), "mac_message": message.hex(), "fingerprint": f"fp_{text}"}


def _kept(one: dict[str, Any]) -> tuple[int, int]:
    return one["options"].get("keep_first", 0), one["options"].get("keep_last", 4)


# --- and the service's own ----------------------------------------------------------------------------------


class Ours:
    """The same, by the code that runs."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.context = KeyContext(case["vault_id"], case["tenant"], "prf")
        self.key = PrfKey.of(self.context, bytes.fromhex(case["prf_root"]))
        self.others = {
            int(number): PrfKey.of(
                KeyContext(case["vault_id"], case["tenant"], f"prf-{number}"), bytes.fromhex(root)
            )
            for number, root in case.get("prf_roots", {}).items()
        }
        self.hmac_key = bytes.fromhex(case["hmac_key"])

    def value(self, one: dict[str, Any]) -> dict[str, Any]:
        key = self.others.get(one.get("prf_key", 1), self.key)
        index = key.blind_index(one["type"], one["subject"], one["canonical"])
        message = mac_message(self.context, index)
        seed = keyed_hash(self.hmac_key, message) if one["derivation"] == "kms" else index
        derived = Derived.from_seed(one["derivation"], seed)
        space = registry.build(one["format"], one["type"], one["options"]).space(one["canonical"])
        points = [derived.point(attempt, space.size) for attempt in range(4)]
        return {
            "blind_index": index.hex(),
            "mac_message": message.hex(),
            "seed": seed.hex(),
            "derived_root": derived.root.hex(),
            "fingerprint": derived.fingerprint.hex(),
            "points": [str(point) for point in points],
            "tokens": [space.token_at(point) for point in points],
        }

    def draws(self, one: dict[str, Any]) -> dict[str, Any]:
        draws = Draws(bytes.fromhex(one["seed"]), one["item"])
        drawn = [str(draws.randbelow(int(size))) for size in one["sizes"]]
        return {"draws": drawn, "origin": draws.origin.hex()}

    def request(self, one: dict[str, Any]) -> dict[str, str]:
        key_hash = self.key.request_mac("key", one["client"], one["key"])
        body_mac = self.key.request_mac("body", key_hash, one["body"])
        return {"key_hash": key_hash.hex(), "body_mac": body_mac.hex()}

    def card(self, given: dict[str, Any]) -> dict[str, str]:
        index = self.key.card_index(given["number"])
        message = card_mac_message(self.context, index)
        fingerprint = card_fingerprint(keyed_hash(self.hmac_key, message))
        return {"card_index": index.hex(), "mac_message": message.hex(), "fingerprint": fingerprint}


IMPLEMENTATIONS = {"the page": Second, "the service": Ours}
CASES = [
    pytest.param(make, owner, kind, one, id=f"{who}-{owner['tenant']}-{kind}-{place}")
    for who, make in IMPLEMENTATIONS.items()
    for owner in VECTORS["owners"]
    for kind in ("values", "draws", "requests", "cards")
    for place, one in enumerate(owner[kind])
]


@pytest.mark.parametrize(("make", "owner", "kind", "one"), CASES)
def test_the_known_answers(make: type[Any], owner: dict[str, Any], kind: str, one: dict[str, Any]) -> None:
    """Either implementation gives what the file says, to the last bit."""
    work = {"values": "value", "draws": "draws", "requests": "request", "cards": "card"}[kind]
    assert getattr(make(owner), work)(one["given"]) == one["answer"]


def test_framing_is_what_the_page_says() -> None:
    """Each framing in the file, by both implementations."""
    for one in VECTORS["frames"]:
        parts = [bytes.fromhex(part["bytes"]) if "bytes" in part else part["text"] for part in one["parts"]]
        for made in (frame(one["label"], *parts), context.frame(one["label"], *parts)):
            assert made.hex() == one["answer"]


def test_the_vectors_tell_everything_apart() -> None:
    """Tenant, type, person, value, derivation, PRF key: what differs in any of them has nothing in common."""
    answers = [one["answer"] for owner in VECTORS["owners"] for one in owner["values"]]
    for name in ("seed", "derived_root", "fingerprint"):
        assert len({answer[name] for answer in answers}) == len(answers), name
    tokens = [token for answer in answers for token in answer["tokens"]]
    assert len(set(tokens)) == len(tokens)
    cards = [card["answer"] for owner in VECTORS["owners"] for card in owner["cards"]]
    assert len({card["fingerprint"] for card in cards}) == len(cards) > len(VECTORS["owners"])
    assert not {card["card_index"] for card in cards} & {answer["blind_index"] for answer in answers}


def test_hashing_is_what_the_world_says() -> None:
    """The second implementation's own parts agree with published answers (RFC 5869, test case 3)."""
    secret = bytes.fromhex("0b" * 22)
    assert derive(secret, b"", 42).hex() == (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )
