"""Token stores under test: the fake and DynamoDB, and items to put into them."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dynamodb_encryption_sdk.internal.formatting.material_description import serialize

from chalicelib.crypto.materials import SIGNING_ALGORITHM
from chalicelib.crypto.record_cipher import DESCRIPTION, SIGNATURE
from chalicelib.items import Item
from chalicelib.vault.batches import Batches
from chalicelib.vault.dynamodb import Backoff
from chalicelib.vault.token_items import RECORD
from chalicelib.vault.token_table import TokenTable
from chalicelib.vault.tokens import RecordReplacer, TokenKey, TokenStore, UnverifiedRecord
from tests.support.memory_store import MemoryStore
from tests.support.world import world

_ENTRIES = {
    "key": "0" * 32,
    "sealed": "",
    "amzn-ddb-map-signingAlg": SIGNING_ALGORITHM,
    "amzn-ddb-map-sym-mode": "/CBC/PKCS5Padding",
}


@dataclass
class Store:
    """A store under test, a way to put into it whatever should stand there, and to see what does."""

    it: TokenStore
    replacer: RecordReplacer
    """The same one."""
    overwrite: Callable[[Item], Any]
    raw: Callable[[Item], Item | None]


@contextmanager
def token_store(kind: str) -> Iterator[Store]:
    """The `memory` fake, or `dynamodb` on the emulator."""
    if kind == "memory":
        memory = MemoryStore()
        yield Store(memory, memory, memory.overwrite, memory.raw)
        return
    with world() as account, ThreadPoolExecutor(32) as pool:
        client = account.client("dynamodb")

        def raw(primary_key: Item) -> Item | None:
            return account.dynamodb.get_item(TableName="vault", Key=primary_key).get("Item")

        table = TokenTable(client, "vault", Batches(client, pool, Backoff()))
        yield Store(table, table, account.store, raw)


def key(token: str, tenant: str = "shop") -> TokenKey:
    """Where a token lies."""
    return TokenKey(tenant, token)


def item(token: str, content: str = "a", tenant: str = "shop", sort: str = RECORD) -> Item:
    """An item that parses as a record, and would not verify."""
    return {
        **key(token, tenant).item_key(sort),
        "type": {"S": "text"},
        "content": {"S": content},
        DESCRIPTION: serialize(_ENTRIES),
        SIGNATURE: {"B": content.encode()},
    }


def contents(store: Store, *tokens: str) -> list[str | None]:
    """What the records of the tokens hold."""
    return contents_of(store.it, *tokens)


def contents_of(store: TokenStore, *tokens: str) -> list[str | None]:
    """What the records of the tokens hold in a store."""
    found = store.find([key(token) for token in tokens])
    return [
        stored.sealed.item["content"]["S"] if isinstance(stored, UnverifiedRecord) else None
        for stored in found
    ]
