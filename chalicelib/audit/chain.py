"""The chain that a container's audit events form: each is numbered, names the one before, and is keyed. Pure.

`docs/audit.md` says the same in words, and `tests/vectors/audit.json` in numbers. The key steps on with
every event, one way: an attacker who takes a container over can add to its chain, and cannot rewrite what
came before.
"""

import base64
import json
from collections.abc import Callable
from typing import Final

from chalicelib.crypto.context import CHAIN_PURPOSE, frame
from chalicelib.crypto.prf import keyed_hash
from chalicelib.items import Item
from chalicelib.sources import RandomBytes

MakeDataKey = Callable[[dict[str, str]], tuple[bytes, bytes]]
"""A new 256-bit key for an encryption context, in plaintext and wrapped. Raises `KeyUnavailable`."""

MAC: Final = "mac"
CHAIN_ID_BYTES: Final = 16


class Chain:
    """The events of one container, in order. Not thread-safe: items are linked one at a time."""

    def __init__(self, chain_id: str, key: bytes, opening: Item) -> None:
        """`opening` are the attributes that only the first item has: the wrapped key among them."""
        self.chain_id, self.sequence = chain_id, 0
        self._key, self._tie = key, opening

    def link(self, item: Item) -> Item:
        """The item as the next of the chain: with its number, what ties it to the one before, and its MAC."""
        tied = {**item, "chain": {"S": self.chain_id}, "sequence": {"N": str(self.sequence)}, **self._tie}
        mac = keyed_hash(self._key, canonical(tied))
        self._tie = {"previous": {"B": mac}}
        self._key = keyed_hash(self._key, frame("audit-next"))
        self.sequence += 1
        return {**tied, MAC: {"B": mac}}


def begin_chain(
    vault_id: str, function: str, region: str, make_data_key: MakeDataKey, random_bytes: RandomBytes
) -> Chain:
    """A new chain, under a key of its own that only an auditor's role can unwrap again.

    The function's name is in the encryption context, and each role may name its own only: an attacker who
    takes the tokenizing function over cannot begin a chain that tells of reveals. Raises `KeyUnavailable`.
    """
    chain_id = random_bytes(CHAIN_ID_BYTES).hex()
    key, wrapped = make_data_key(
        {"vault": vault_id, "purpose": CHAIN_PURPOSE, "function": function, "chain": chain_id}
    )
    opening = {"function": {"S": function}, "region": {"S": region}, "wrapped_key": {"B": wrapped}}
    return Chain(chain_id, key, opening)


def canonical(item: Item) -> bytes:
    """The item in DynamoDB's JSON, written in the one way of RFC 8785: what the MAC is computed over.

    Every leaf of DynamoDB's JSON is a string or a boolean, so sorted names, no spaces and UTF-8 suffice.
    """
    return json.dumps(
        item, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_base64
    ).encode()


def _base64(binary: bytes) -> str:
    return base64.b64encode(binary).decode()
