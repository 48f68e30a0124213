"""The next chunk of a chain, of values or of pairs of tokens: sealed, and bound to all before it."""

from dataclasses import replace

from chalicelib.crypto.exports import Recipient, next_digest, seal_chunk
from chalicelib.sensitive import Sensitive
from chalicelib.service.export_cursors import Progress
from chalicelib.sources import RandomBytes


def next_chunk(
    recipient: Recipient,
    plaintext: Sensitive[bytes],
    before: Progress,
    *,
    tokens: int,
    failed: int,
    last: bool,
    random_bytes: RandomBytes,
) -> tuple[bytes, Progress]:
    """The sealed chunk behind what was given out `before`, and how far that goes with it.

    It has so many `tokens` and `failed` ones. The last one is sealed as the last.
    """
    number = before.chunks + 1
    sealed = seal_chunk(
        recipient, plaintext.reveal(), before.digest, number, last=last, random_bytes=random_bytes
    )
    after = replace(
        before,
        digest=next_digest(before.digest, sealed),
        chunks=number,
        tokens=before.tokens + tokens,
        failed=before.failed + failed,
    )
    return sealed, after
