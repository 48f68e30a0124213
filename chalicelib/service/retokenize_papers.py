"""What the vault signs of a run that gives values new tokens: opening, receipt, and the cursors between them.

A file of such a run is one of an export in its format and its chain, with pairs of tokens in place of values.
Its papers are of media types of their own, so that neither passes for the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from chalicelib.crypto.exports import VERSION, Recipient, first_digest, read_recipient
from chalicelib.crypto.jws import Sign, claims_of, signed_claims
from chalicelib.errors import InvalidRequest
from chalicelib.service.export_cursors import Progress
from chalicelib.service.export_pages import rfc3339
from chalicelib.service.signed_cursors import SignedCursors, Verify

OPENING: Final = "tokenvault-retokenize-opening+jws"
RECEIPT: Final = "tokenvault-retokenize-receipt+jws"
PURPOSE: Final = "retokenize"
"""Stands where an export has the purpose that it was asked for."""

_LABEL: Final = "retokenize-cursor"


@dataclass(frozen=True)
class Run:
    """A run as its signed opening says: of one type of a tenant, to a PRF key, for a recipient.

    `run` is its id. `begun` is a Unix time in whole seconds.
    """

    run: str
    tenant: str
    type: str
    prf_key: int
    recipient: Recipient
    begun: int


class RetokenizePapers:
    """Signs for the vault with its receipt key, and knows its own again. Raises `KeyUnavailable`."""

    def __init__(self, *, vault_id: str, region: str, key_id: str, sign: Sign, verify: Verify) -> None:
        self._vault_id, self._region, self._key_id, self._sign = vault_id, region, key_id, sign
        self._cursors = SignedCursors(_LABEL, sign, verify)

    def opening(self, run: Run) -> str:
        """What a file begins with, as a JWS: whose tokens of which type move, to which key, for whom."""
        claims = {**self._named(run), "recipient": run.recipient.pem}
        return signed_claims(OPENING, claims, self._key_id, self._sign)

    def receipt(self, run: Run, opening: str, progress: Progress, finished: int) -> str:
        """What a file ends with, as a JWS: how much is in it, and the digest of all of it."""
        claims = {
            **self._named(run),
            "opening_sha256": first_digest(opening).hex(),
            **progress.counts,
            "sha256": progress.digest.hex(),
            "finished": rfc3339(finished),
        }
        return signed_claims(RECEIPT, claims, self._key_id, self._sign)

    def cursor(self, opening: str, progress: Progress, walk_id: str | None) -> str:
        """The cursor behind what was given out so far. How many chunks that were says which page is next, and
        `walk_id` of which walk; None before the first."""
        says = {"opening": first_digest(opening).hex(), "region": self._region, "walk_id": walk_id}
        return self._cursors.write({**says, "digest": progress.digest.hex(), **progress.counts})

    def read(self, opening: str, cursor: str) -> tuple[Run, Progress, str | None]:
        """The run of an opening, how far it has come, and by which walk.

        Raises `InvalidRequest` for any but its cursors.
        """
        says = self._cursors.read(cursor)
        if says["opening"] != first_digest(opening).hex():
            raise InvalidRequest("cursor: it is of another run", "/cursor")
        if says["region"] != self._region:
            raise InvalidRequest("cursor: the run was begun in another Region, go on there", "/cursor")
        digest = bytes.fromhex(says["digest"])
        progress = Progress(digest, says["chunks"], says["tokens"], says["failed"])
        return _read(claims_of(opening)), progress, says["walk_id"]

    def _named(self, run: Run) -> dict[str, Any]:
        return {
            "version": VERSION,
            "vault_id": self._vault_id,
            "tenant": run.tenant,
            "export_id": run.run,
            "types": [run.type],
            "prf_key": run.prf_key,
            "recipient_sha256": run.recipient.fingerprint,
            "purpose": PURPOSE,
            "begun": rfc3339(run.begun),
        }


def _read(claims: Mapping[str, Any]) -> Run:
    return Run(
        run=claims["export_id"],
        tenant=claims["tenant"],
        type=claims["types"][0],
        prf_key=claims["prf_key"],
        recipient=read_recipient(claims["recipient"]),
        begun=int(datetime.fromisoformat(claims["begun"]).timestamp()),
    )
