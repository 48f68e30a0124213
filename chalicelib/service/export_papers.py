"""What the vault signs of an export: the opening, which says what it is, and the receipt at its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from chalicelib.actors import Actor
from chalicelib.crypto.exports import VERSION, VERSION_IN_PARTS, first_digest, read_recipient
from chalicelib.crypto.jws import MAX_SIGNED, Sign, claims_of, signed_claims, signing_input
from chalicelib.errors import InvalidRequest
from chalicelib.service.export_cursors import Progress
from chalicelib.service.export_pages import rfc3339
from chalicelib.service.export_terms import Export
from chalicelib.vault.approvals import ExportTerms

OPENING: Final = "tokenvault-export-opening+jws"
RECEIPT: Final = "tokenvault-export-receipt+jws"


@dataclass(frozen=True)
class ExportSigner:
    """Signs for the vault with its receipt key. Methods raise `KeyUnavailable`."""

    vault_id: str
    key_id: str
    sign: Sign

    def opening(self, export: Export) -> str:
        """What a file begins with: what is in it, for whom, and who asked and approved, as a JWS.

        Raises `InvalidRequest` for more types than a signature can be of; the receipt says less than this.
        """
        claims = {
            **self._named(export),
            "recipient": export.recipient.pem,
            "asked_by": _actor(export.asked_by),
            "approval": export.approval,
            "approved_by": None if export.approved_by is None else _actor(export.approved_by),
        }
        if len(signing_input(OPENING, claims, self.key_id)) > MAX_SIGNED:
            raise InvalidRequest("types: too many for one export; name some of them", "/types")
        return signed_claims(OPENING, claims, self.key_id, self.sign)

    def receipt(self, export: Export, opening: str, progress: Progress, finished: int) -> str:
        """What a file ends with: how much is in it, and the digest of all of it, as a JWS. Of a part, also
        which one it is."""
        claims = {
            **self._named(export),
            **({} if progress.part is None else {"part": progress.part}),
            "opening_sha256": first_digest(opening, progress.part).hex(),
            **progress.counts,
            "sha256": progress.digest.hex(),
            "finished": rfc3339(finished),
        }
        return signed_claims(RECEIPT, claims, self.key_id, self.sign)

    def _named(self, export: Export) -> dict[str, Any]:
        whole = export.parts == 1  # as it was before there were parts, to the byte
        return {
            **({"version": VERSION} if whole else {"version": VERSION_IN_PARTS, "parts": export.parts}),
            "vault_id": self.vault_id,
            "tenant": export.tenant,
            "export_id": export.export_id,
            "types": list(export.terms.types),
            "recipient_sha256": export.terms.recipient,
            "purpose": export.purpose,
            "begun": rfc3339(export.begun),
        }


def read_opening(opening: str) -> Export:
    """The export of an opening that this vault signed, which has to be known already. Raises nothing then."""
    claims = claims_of(opening)
    return Export(
        export_id=claims["export_id"],
        tenant=claims["tenant"],
        asked_by=_read_actor(claims["asked_by"]),
        terms=ExportTerms(tuple(claims["types"]), claims["recipient_sha256"]),
        recipient=read_recipient(claims["recipient"]),
        purpose=claims["purpose"],
        begun=int(datetime.fromisoformat(claims["begun"]).timestamp()),
        approval=claims["approval"],
        approved_by=None if claims["approved_by"] is None else _read_actor(claims["approved_by"]),
        parts=claims.get("parts", 1),
    )


def _actor(actor: Actor) -> dict[str, str | None]:
    return {"client": actor.client, "user_sub": actor.sub, "username": actor.username}


def _read_actor(claims: Mapping[str, Any]) -> Actor:
    return Actor(claims["client"], claims["user_sub"], claims["username"])
