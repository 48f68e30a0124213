"""The non-secret facts that every ciphertext is bound to."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

BRANCH_KEY_PURPOSE = "branch-key"
"""Purpose of a wrapped private half, in its KMS encryption context. Role policies name it."""

BUNDLE_PURPOSE = "tokenizing-bundle"
"""Purpose of a wrapped tokenizing bundle, in its KMS encryption context. Role policies name it."""

PRF_PURPOSE = "prf-key"
"""Purpose of a wrapped PRF key, in its KMS encryption context. Role policies name it."""

CHAIN_PURPOSE = "audit-chain"
"""Purpose of a wrapped key of an audit chain, in its KMS encryption context. Key policies name it."""


@dataclass(frozen=True)
class KeyContext:
    """What a key of a tenant is bound to under its KEK.

    The vault id is a constant that survives a restore under other table names.
    """

    vault_id: str
    tenant: str
    key_id: str

    def for_kms(self, purpose: str) -> dict[str, str]:
        """The KMS encryption context, which CloudTrail shows and key policies can demand.

        https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
        """
        return {"vault": self.vault_id, "tenant": self.tenant, "purpose": purpose, "key": self.key_id}


@dataclass(frozen=True)
class RecordContext:
    """What a record is bound to: a copy of it under any other of these facts does not open.

    `secret_id` names the secret of the person whom the record belongs to; empty for nobody's.
    """

    key: KeyContext
    type: str
    token: str
    secret_id: str = ""

    def encode(self) -> bytes:
        """The facts as bytes, each behind its length, so that no two contexts share an encoding."""
        return self._encoded

    @cached_property
    def _encoded(self) -> bytes:
        key = self.key
        return frame("record", key.vault_id, key.tenant, key.key_id, self.type, self.token, self.secret_id)


def frame(label: str, *parts: str | bytes) -> bytes:
    """Joins a label and parts into bytes that can be taken apart in one way only.

    Each part stands behind its length in four bytes, big-endian. The label keeps what is derived
    for one use apart from what is derived for another.
    """
    framed = [_framed_label(label)]
    for part in parts:
        encoded = part.encode() if isinstance(part, str) else part
        framed += (len(encoded).to_bytes(4, "big"), encoded)
    return b"".join(framed)


@lru_cache(maxsize=64)
def _framed_label(label: str) -> bytes:
    """Cached, since there are only a few."""
    encoded = f"tokenvault/v1/{label}".encode()
    return len(encoded).to_bytes(4, "big") + encoded
