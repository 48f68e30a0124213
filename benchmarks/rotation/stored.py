"""A vault whose records all name an old version of their key, and a newer one that is ready."""

import base64
import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.account import TYPES, Account
from benchmarks.aws.on_disk import Row, TableOnDisk
from benchmarks.aws.session import StubbedAws
from chalicelib import account as functions
from chalicelib import wiring
from chalicelib.config import SLOTS, Settings
from chalicelib.crypto.keys import TokenizingKey
from chalicelib.drawing import draw
from chalicelib.formats.base import TokenSpace
from chalicelib.model import TokenRecord
from chalicelib.sensitive import Sensitive
from chalicelib.vault.records import OpenSealer
from tests.support import policies

TENANT: Final = "shop"
VAULT: Final = "vault.db"
REST: Final = "rest.json"
"""What lies beside the vault's table: all other tables, and what the functions are deployed with."""


def store(aws: StubbedAws, folder: Path, records: int) -> Account:
    """Makes all of it, where the stub is installed; the functions write with the newer version."""
    account = Account(aws)
    tokenizing = functions.Account(Settings.from_env(account.env("tokenize")), account.client)
    old = tokenizing.keys.writing_key(TENANT)
    wiring.maintain(account.env("maintain"), account.client, account.telemetry, TENANT)
    account.restart()
    table = TableOnDisk(folder / VAULT, cache_mb=256)
    aws.dynamodb.keep("vault", table)
    table.fill(_sealed(tokenizing.open_sealer, old, records))
    state = {
        "tables": aws.dynamodb.dump(),
        "functions": {name: account.env(name) for name in ("maintain", "reveal")},
    }
    (folder / REST).write_text(json.dumps(state))
    return account


def load(aws: StubbedAws, folder: Path) -> dict[str, dict[str, str]]:
    """Has the stub answer from what was stored; what the functions are deployed with, by name."""
    state = json.loads((folder / REST).read_text())
    aws.dynamodb.load(state["tables"])
    aws.dynamodb.keep("vault", TableOnDisk(folder / VAULT))
    return dict(state["functions"])


def _sealed(open_sealer: OpenSealer, key: TokenizingKey, records: int) -> Iterator[Row]:
    """Each by a request of its own, so that each has a secret of its own to be opened."""
    space = policies.loaded(TYPES).types["opaque"].format.space("")
    for number in range(records):
        with open_sealer(key) as sealer:
            item = sealer.seal(_record(space, number))
        yield item["pk"]["S"], item["sk"]["S"], json.dumps(item, default=_base64)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _record(space: TokenSpace, number: int) -> TokenRecord:
    token = draw(space, frozenset(range(SLOTS)), secrets.randbelow)
    value = Sensitive(f"value {number:08} of some length")
    return TokenRecord(TENANT, token, "opaque", value, int(time.time()), created_by="checkout")
