"""The archive of the audit trail: what its table's stream says, as objects that nobody can change.

A stream delivers each record at least once, in batches whose extent may change when they are sent again. So
an object is named after its content: the same records again are the same object, and a longer batch never
hides behind the name of a shorter batch that begins alike. A reader of the archive may meet an event twice,
and misses none.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from chalicelib.errors import StoreUnavailable

StreamRecord = Mapping[str, Any]
"""https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html#events-sample-dynamodb"""

_ADDED: Final = "INSERT"


@dataclass(frozen=True)
class ArchiveObject:
    """One batch as JSON lines: `{"Item": …}` with the item in DynamoDB JSON, like DynamoDB's own exports.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
    """

    key: str
    body: bytes
    sha256: bytes


@dataclass(frozen=True)
class Archived:
    """What became of a batch.

    `changed` counts items of the audit table that were overwritten or removed, which nothing of ours
    ever does. `failed` is the sequence number from which on Lambda is to send the records again, and `why`
    the reason, which quotes no item.
    """

    written: int
    changed: int
    failed: str | None
    why: str | None = None

    def answer(self) -> dict[str, Any]:
        """The response that Lambda expects.

        https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
        """
        return {"batchItemFailures": [] if self.failed is None else [{"itemIdentifier": self.failed}]}


class ArchiveStore(Protocol):
    """Where objects go. `put` returns once the object is stored for good, or raises `StoreUnavailable`."""

    def put(self, archived: ArchiveObject) -> None: ...


class Archiver:
    """Writes batches of the stream to the archive."""

    def __init__(self, store: ArchiveStore) -> None:
        self._store = store

    def archive(self, records: Sequence[StreamRecord]) -> Archived:
        """Writes one object with all records up to the first that cannot be read.

        Raises `KeyError` if a record does not even have its number; Lambda then halves the batch.
        """
        lines, unread = _lines(records)
        changed = sum(record["eventName"] != _ADDED for record in records)
        if lines:
            try:
                self._store.put(_object(records[0], lines))
            except StoreUnavailable as error:
                return Archived(0, changed, _number(records[0]), error.for_log)
        return Archived(len(lines), changed, unread, unread and "a record has no item")


def _lines(records: Sequence[StreamRecord]) -> tuple[list[bytes], str | None]:
    """The lines to keep, and the number of the first record that should have an item and has none.

    An item that was removed comes without an image. It needs no line: it was archived when it was added.
    """
    lines: list[bytes] = []
    for record in records:
        if record["eventName"] == "REMOVE":
            continue
        item = record["dynamodb"].get("NewImage")
        if not item:
            return lines, _number(record)
        lines.append(json.dumps({"Item": item}, separators=(",", ":"), sort_keys=True).encode() + b"\n")
    return lines, None


def _object(first: StreamRecord, lines: Sequence[bytes]) -> ArchiveObject:
    """Under the day and the number of its first record, so that a listing is in order.

    The name says nothing of tenants: a batch holds the events of all, and listing objects reveals nothing.
    Lambda does not tell a function the shard; the digest keeps shards apart.
    """
    body = b"".join(lines)
    digest = hashlib.sha256(body)
    day = datetime.fromtimestamp(first["dynamodb"]["ApproximateCreationDateTime"], UTC)
    return ArchiveObject(
        f"{day:%Y/%m/%d}/{_number(first)}-{digest.hexdigest()}.ndjson", body, digest.digest()
    )


def _number(record: StreamRecord) -> str:
    return str(record["dynamodb"]["SequenceNumber"])
