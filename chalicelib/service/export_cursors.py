"""Where an export goes on, as its client carries it from one request to the next: signed by the vault.

The signature covers the opening and everything that was given out before, by the running digest. So a page
has one past: pages of two exports, or of two ways through one, never meet in one file under a true receipt.
Nothing is stored. A cursor that is sent again gives the same part of the vault again, sealed to the same key.

The place in the vault table may be another tenant's token, so it is sealed to the vault itself.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chalicelib.crypto.exports import first_digest, open_position, seal_position
from chalicelib.crypto.jws import Sign, base64url
from chalicelib.errors import InvalidRequest, RecordCorrupt
from chalicelib.service.signed_cursors import SignedCursors, Verify, decoded
from chalicelib.sources import RandomBytes
from chalicelib.vault.keyring import RevealingKeyring, TokenizingKeyring

_LABEL: Final = "export-cursor"


@dataclass(frozen=True)
class Progress:
    """How far an export has come: `chunks` were given out, with so many `tokens` and `failed` ones, and the
    running `digest` of them all. `segment` and `position` say where the walk goes on.

    `part` is the number of the part that all of this is of, None of an export in one piece."""

    digest: bytes
    chunks: int = 0
    tokens: int = 0
    failed: int = 0
    segment: int = 0
    position: Mapping[str, Any] | None = field(default=None, repr=False)
    part: int | None = None

    @property
    def counts(self) -> dict[str, int]:
        """What was given out so far, in numbers, as cursors and receipts say it."""
        return {"chunks": self.chunks, "tokens": self.tokens, "failed": self.failed}


class ExportCursors:
    """Writes cursors and reads them. Raises `KeyUnavailable` besides what methods say."""

    def __init__(
        self,
        *,
        region: str,
        sign: Sign,
        verify: Verify,
        newest: TokenizingKeyring,
        keys: RevealingKeyring,
        random_bytes: RandomBytes,
    ) -> None:
        self._region, self._signed = region, SignedCursors(_LABEL, sign, verify)
        self._newest, self._keys, self._random_bytes = newest, keys, random_bytes

    def write(self, tenant: str, opening: str, progress: Progress) -> str:
        """The cursor behind what was given out so far."""
        return self._signed.write(self._payload(tenant, opening, progress))

    def read(self, tenant: str, opening: str, cursor: str) -> Progress:
        """How far the export of this opening has come. Raises `InvalidRequest` for any but its cursors."""
        payload = self._signed.read(cursor)
        part = payload.get("part")
        if payload["opening"] != first_digest(opening, part).hex():
            raise InvalidRequest("cursor: it is of another export", "/cursor")
        if payload["region"] != self._region:
            raise InvalidRequest("cursor: the export was begun in another Region, go on there", "/cursor")
        return Progress(
            digest=bytes.fromhex(payload["digest"]),
            chunks=payload["chunks"],
            tokens=payload["tokens"],
            failed=payload["failed"],
            segment=payload["segment"],
            position=self._position(tenant, payload),
            part=part,
        )

    def _payload(self, tenant: str, opening: str, progress: Progress) -> dict[str, Any]:
        about = first_digest(opening, progress.part)
        place: dict[str, Any] = {"key": None, "position": None}
        if progress.position is not None:
            # The pair, whose halves belong together: who may write key items cannot put a half of theirs.
            key = self._keys.key(tenant, self._newest.writing_key(tenant).context.key_id).tokenizing
            written = json.dumps(progress.position).encode()
            sealed = seal_position(key, written, about, self._random_bytes)
            place = {"key": key.context.key_id, "position": base64url(sealed)}
        return {
            "opening": about.hex(),
            "region": self._region,
            "digest": progress.digest.hex(),
            **progress.counts,
            "segment": progress.segment,
            **place,
            **({} if progress.part is None else {"part": progress.part}),
        }

    def _position(self, tenant: str, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if payload["position"] is None:
            return None
        try:
            key = self._keys.key(tenant, payload["key"])
        except RecordCorrupt:
            raise InvalidRequest("cursor: its key was retired; begin the export anew", "/cursor") from None
        opened = open_position(key, decoded(payload["position"]), bytes.fromhex(payload["opening"]))
        parsed: Mapping[str, Any] = json.loads(opened)
        return parsed
